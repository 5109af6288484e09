package message

import (
	"reflect"
	"testing"

	"github.com/scaiwave/presence/shard"
)

// TestSayingsComeBack: that nothing is said any more is another thing than that nothing is known.
func TestSayingsComeBack(t *testing.T) {
	for _, want := range []*shard.Sayings{
		nil,
		{},
		{PublicStatus: shard.Status{Text: "out", Until: 5}},
		{PublicStatus: shard.Status{Text: "out"}, InnerStatus: shard.Status{Emoji: "🚆"}},
		{OverrideUntil: 7},
		{UnsurePublic: true, UnsureInner: true},
		{UnsurePublic: true, InnerStatus: shard.Status{Text: "new"}},
		{Claims: []shard.Claim{{Source: "call", Until: 9}}},
	} {
		r := NewReader(AppendSayings(nil, want))
		if got := r.Sayings(); r.End() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v came back as %+v, %v", want, got, r.End())
		}
	}
}
