package call

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// newCaller is of a node without others, which owns all of four partitions.
func newCaller() *Caller {
	self := link.Name{ID: "n0", Boot: "1"}
	var views atomic.Pointer[view.View]
	views.Store(view.New([]gossip.Member{{Name: self, State: gossip.Serving}}, 4, nil))
	return New(self, &views, func(id string) int { return len(id) % 4 })
}

// TestSpreadAsksAgain: what isn't answered, or is answered by an error, is asked again until ctx
// ends, and nothing else is.
func TestSpreadAsksAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked [][]string
	answers := make([]int, 3)
	left := Spread(ctx, newCaller(), &Batch[string, int]{
		Questions: []string{"a", "bb", "never"}, Answers: answers, Finders: view.Writers,
		ID: func(id *string) string { return *id },
		Ask: func(_ context.Context, at link.Name, ids []string, got []int) error {
			asked = append(asked, ids)
			for i, id := range ids {
				got[i] = len(id)
			}
			switch len(asked) {
			case 1:
				return errors.New("silent")
			case 2:
				got[0] = 0
			case 3:
				cancel()
			}
			return nil
		},
		Counts: func(n *int) bool { return *n > 0 && *n < 5 },
	})
	want := [][]string{{"a", "bb", "never"}, {"a", "bb", "never"}, {"a", "never"}}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got)\n%s", diff)
	}
	if !slices.Equal(left, []int{2}) || !slices.Equal(answers, []int{1, 2, 0}) {
		t.Errorf("left %v, answers %v", left, answers)
	}
}

// TestSpreadOfNothing asks nobody.
func TestSpreadOfNothing(t *testing.T) {
	if left := Spread(t.Context(), newCaller(), &Batch[string, int]{Finders: view.Writers}); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
