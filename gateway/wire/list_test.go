package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type lists struct {
	Texts List[string] `json:"texts"`
	Items List[item]   `json:"items"`
}

// A list that is too long keeps one item more than it may have, and is read to its end all the
// same.
func TestListKeepsOneMore(t *testing.T) {
	got := lists{Texts: List[string]{Max: 2}, Items: List[item]{Max: 1}}
	text := `{"texts":["a"` + strings.Repeat(`,"b"`, 100_000) + `],"items":[{"name":"x"},{"name":"y"},{"name":"z"}]}`
	if err := Decode([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := lists{
		Texts: List[string]{Items: []string{"a", "b", "b"}, Max: 2, There: true},
		Items: List[item]{Items: []item{{Name: "x"}, {Name: "y"}}, Max: 1, There: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !got.Texts.TooLong() || !got.Items.TooLong() {
		t.Error("not too long")
	}
}

// What is refused in a plain slice is refused in a List, in the same words.
func TestListRefusesAsASliceDoes(t *testing.T) {
	for _, text := range []string{
		`{"texts":"a"}`, `{"texts":null}`, `{"texts":{}}`, `{"texts":["a",7]}`, `{"texts":["a",null]}`,
		`{"texts":["a","b","\ud800"]}`,
		`{"texts":["a"`, `{"texts":["a",]}`, `{"items":[{"name":"a"},{"nom":"b"}]}`,
		`{"items":[{"name":"a","name":"b"}]}`, `{"items":[7]}`,
	} {
		var plain struct {
			Texts []string `json:"texts"`
			Items []item   `json:"items"`
		}
		got, want := Decode([]byte(text), &lists{Texts: List[string]{Max: 9}, Items: List[item]{Max: 9}}),
			Decode([]byte(text), &plain)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
}
