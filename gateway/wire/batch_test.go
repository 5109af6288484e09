package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type batches struct {
	Items Batch[item] `json:"items"`
}

func batchOf(max int, nulls ...string) *batches {
	return &batches{Batch[item]{List: List[item]{Max: max}, Nulls: nulls}}
}

// An item that can't be read is wrong by itself, and said to be by its place.
func TestBatchJudgesItems(t *testing.T) {
	got := batchOf(99, "tags")
	text := `{"items":[{"name":"a"},{"name":7},7,"b",null,[],{"name":null},{"name":"c","tags":null},` +
		`{"name":"d","tags":["x",1]},{"tags":{"name":"x"},"name":"e"},{"name":"f","tags":[null]},{"name":"g"}]}`
	if e := DecodeBatch([]byte(text), got, &got.Items); e != nil {
		t.Fatal(e)
	}
	want := map[int]string{
		1: `field "/items/1/name" must be a string, not a number`,
		2: `field "/items/2" must be an object, not a number`,
		3: `field "/items/3" must be an object, not a string`,
		4: `field "/items/4" is null; leave a field out instead`,
		5: `field "/items/5" must be an object, not an array`,
		6: `field "/items/6/name" is null; leave a field out instead`,
		8: `field "/items/8/tags/1" must be a string, not a number`,
		9: `field "/items/9/tags" must be an array, not an object`,

		10: `field "/items/10/tags/0" is null; leave a field out instead`,
	}
	said := make(map[int]string)
	for i, e := range got.Items.Wrong {
		said[i] = e.Detail
		if e.Code != BadRequest {
			t.Errorf("item %d: %v", i, e)
		}
	}
	if d := cmp.Diff(want, said); d != "" {
		t.Error(d)
	}
	good := []string{0: "a", 7: "c", 11: "g"}
	for i, name := range good {
		if name != "" && got.Items.Items[i].Name != name {
			t.Errorf("item %d is %+v; want %s", i, got.Items.Items[i], name)
		}
	}
	if n := len(got.Items.Items); n != len(good) {
		t.Errorf("%d items of %d", n, len(good))
	}
}

// What is wrong with the text is no item's, wherever it is.
func TestBatchRefusesTexts(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{"items":{}}`, `{"items":"a"}`, `{"items":[{"name":"a"},{"nom":"b"}]}`, `{"item":[]}`,
		`{"items":[{"name":"a","name":"b"}]}`, `{"items":[{"name":"a"}`, `{"items":[{"name":"a"},]}`,
		`{"items":[{"name":"\ud800"}]}`, "{\"items\":[{\"name\":\"\xff\"}]}", `{"items":[]}x`, `{"items":[7 8]}`,
		`{"items":[{"name":7,"nom":]}`, `{"items":[],"items":[]}`,
	} {
		got := batchOf(9)
		e := DecodeBatch([]byte(text), got, &got.Items)
		if e == nil || e.Code != BadRequest {
			t.Errorf("%s: %v; want a bad_request", text, e)
			continue
		}
		checkDetail(t, e.Detail)
	}
	got := batchOf(9)
	e := DecodeBatch([]byte(`{"items":[{"name":7},{"nom":"b"}]}`), got, &got.Items)
	if want := `unknown field "nom" in "/items/1"`; e.Detail != want {
		t.Errorf("%q; want %q", e.Detail, want)
	}
}

func TestBatchThatIsNotThere(t *testing.T) {
	for _, text := range []string{`{}`, `null`, `{"items":null}`} {
		if got := batchOf(9); DecodeBatch([]byte(text), got, &got.Items) != nil || got.Items.There {
			t.Errorf("%s: a batch is there", text)
		}
	}
}

func TestBatchKeepsOneMore(t *testing.T) {
	got := batchOf(3)
	if e := DecodeBatch([]byte(`{"items":[{"name":"a"}`+strings.Repeat(`,7`, 100_000)+`]}`), got, &got.Items); e != nil {
		t.Fatal(e)
	}
	if !got.Items.TooLong() || len(got.Items.Items) != 4 || len(got.Items.Wrong) != 3 {
		t.Errorf("%d items, %d of them wrong; want 4 and 3", len(got.Items.Items), len(got.Items.Wrong))
	}
}

// What is wrong costs no more than what is right, however deep and often it is: the place of each
// of these nulls has ten thousand steps.
func TestBatchOfNestedNulls(t *testing.T) {
	const depth, nulls = 9_000, 100_000
	text := `{"items":[` + strings.Repeat("[", depth) + strings.Repeat("null,", nulls) + "null" +
		strings.Repeat("]", depth) + `,{"tags":[` + strings.Repeat("null,", nulls) + `null]}]}`
	got := batchOf(9)
	began := time.Now()
	if e := DecodeBatch([]byte(text), got, &got.Items); e != nil || len(got.Items.Wrong) != 2 {
		t.Fatalf("%v, and %d items are wrong; want 2", e, len(got.Items.Wrong))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
