package protocol

import (
	"slices"
	"strings"
	"testing"
)

func TestCommon(t *testing.T) {
	for _, tc := range []struct {
		a, b Range
		want int
	}{
		{Range{7, 8}, Range{7, 8}, 8},
		{Range{7, 8}, Range{6, 7}, 7},
		{Range{7, 8}, Range{8, 9}, 8},
		{Range{7, 8}, Range{9, 10}, 0},
		{Range{7, 8}, Range{6, 6}, 0},
		{Range{6, 9}, Range{7, 8}, 8},
	} {
		if ab, ba := tc.a.Common(tc.b), tc.b.Common(tc.a); ab != tc.want || ba != tc.want {
			t.Errorf("%v and %v: %d and %d, want %d", tc.a, tc.b, ab, ba, tc.want)
		}
	}
}

// TestTextIsThatOfTheReleaseBefore: a node of that reads it, and what stands beside it.
func TestTextIsThatOfTheReleaseBefore(t *testing.T) {
	here := Terms{Range: Spoken, Words: "tick=1s windows=9", Later: "viewer=1a2b"}
	if text, speaks := here.Text(), here.Speaks(); text != "7 tick=1s windows=9" || speaks != "7-8 viewer=1a2b" {
		t.Errorf("%q, and %q beside it", text, speaks)
	}
}

func TestTermsAreRead(t *testing.T) {
	for _, want := range []Terms{
		{Range: Range{7, 7}, Words: "tick=1s"},
		{Range: Range{7, 8}, Words: "tick=1s grace=5s", Later: "viewer=1a2b hops=3"},
		{Range: Range{8, 12}},
	} {
		if got, err := ReadSpeaks(want.Text(), want.Speaks()); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		got, err := Read(want.Text(), want.Beyond())
		if want.Later = ""; err != nil || got != want {
			t.Errorf("from gossip: %+v, %v; want %+v", got, err, want)
		}
	}
	if got, err := ReadSpeaks("6 tick=1s", ""); err != nil || got.Range != (Range{6, 6}) {
		t.Errorf("a node that says one number: %+v, %v", got, err)
	}
	for _, bad := range [][2]string{
		{"", ""},
		{"six", ""},
		{"-6 a=1", ""},
		{"6 a=1", "7"},
		{"6 a=1", "7-6"},
		{"6 a=1", "0-6"},
		{"6 a=1", "6-x"},
	} {
		if got, err := ReadSpeaks(bad[0], bad[1]); err == nil {
			t.Errorf("%q is taken for %+v", bad, got)
		}
	}
}

// TestFits: of two nodes both come to the same conclusion, and say what is wrong.
func TestFits(t *testing.T) {
	here := Terms{Range{7, 8}, "tick=1s grace=5s", "viewer=1a"}
	for _, tc := range []struct {
		name  string
		there Terms
		says  string // "": they fit
	}{
		{"alike", here, ""},
		{"in another order", Terms{Range{7, 8}, "grace=5s tick=1s", "viewer=1a"}, ""},
		{"the release before", Terms{Range{6, 7}, "tick=1s grace=5s", "viewer=1a"}, ""},
		{"the release after", Terms{Range{8, 9}, "tick=1s grace=5s", "viewer=1a hops=3"}, ""},
		{"too old", Terms{Range{6, 6}, "tick=1s", ""}, "it speaks protocols 6-6, and this node 7-8"},
		{"too new", Terms{Range{9, 10}, "tick=1s grace=5s", "viewer=1a"}, "it speaks protocols 9-10, and this node 7-8"},
		{
			"another grace",
			Terms{Range{7, 8}, "tick=1s grace=7s", "viewer=1a"},
			`it has other constants: there "grace=7s", here "grace=5s"`,
		},
		{
			"another grace, of the release before",
			Terms{Range{6, 7}, "tick=1s grace=7s", ""},
			`it has other constants: there "grace=7s", here "grace=5s"`,
		},
		{
			"another key, of the release after",
			Terms{Range{8, 9}, "tick=1s grace=5s", "viewer=2b hops=3"},
			`it has other constants: there "viewer=2b", here "viewer=1a"`,
		},
		{
			"a word less",
			Terms{Range{7, 8}, "tick=1s grace=5s", ""},
			`it has other constants: there "", here "viewer=1a"`,
		},
	} {
		err, back := here.Fits(tc.there), tc.there.Fits(here)
		if (err == nil) != (back == nil) {
			t.Errorf("%s: %v, and from there %v", tc.name, err, back)
		}
		if err == nil && tc.says != "" || err != nil && (tc.says == "" || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.says)
		}
	}
}

func TestWords(t *testing.T) {
	all := []Feature{{"old", 6}, {"new", 7}, {"next", 8}}
	for protocol, want := range map[int][]string{5: {}, 6: {"old"}, 7: {"old", "new"}, 9: {"old", "new", "next"}} {
		if got := Words(all, protocol); !slices.Equal(got, want) || got == nil {
			t.Errorf("protocol %d: %q, want %q", protocol, got, want)
		}
	}
}
