package cluster

import (
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/scaiwave/presence/cluster/message"
)

// full are figures with something of everything.
func fullFigures() Figures {
	return Figures{
		Participants: 1, Devices: 2, Heartbeats: 3, Changes: 4, Sockets: 5, Version: "v1.2.3", NotReady: "no peer",
		Remark:   "no space",
		Links:    map[string][]string{"n1": nil, "n2": {"hot", "bulk"}, "n3": {"hot", "events", "bulk"}},
		Suspects: []string{"n3"},
	}
}

func TestFiguresComeBack(t *testing.T) {
	for _, want := range []Figures{fullFigures(), {Links: map[string][]string{}, Suspects: []string{}}} {
		d := message.NewReader(appendFigures(nil, want))
		if got := readFigures(d); d.End() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v came back as %+v, %v", want, got, d.End())
		}
	}
}

// FuzzFigures: what a peer sends is refused, or read as something that can be shown and sent on.
func FuzzFigures(f *testing.F) {
	f.Add(appendFigures(nil, fullFigures()))
	f.Add(appendFigures(nil, Figures{NotReady: "\xff", Remark: "\xff"}))
	f.Add(appendFigures(nil, Figures{Links: map[string][]string{"n1": {"hot"}}})[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		d := message.NewReader(b)
		got := readFigures(d)
		if d.End() != nil {
			return
		}
		if !utf8.ValidString(got.Version + got.NotReady + got.Remark) {
			t.Errorf("texts %q, %q", got.Version, got.NotReady)
		}
		d = message.NewReader(appendFigures(nil, got))
		if again := readFigures(d); d.End() != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%+v came back as %+v, %v", got, again, d.End())
		}
	})
}
