package host

import (
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestLastSeenAsItIsSet: others are told the day, or nothing; the participant itself all.
func TestLastSeenAsItIsSet(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		beat := []Heartbeat{{Participant: "ada", Device: "tab", Activity: shard.ActivityOnline}}
		h.Heartbeats(beat, make([]shard.Outcome, 1))
		exact, _ := h.Inspect("ada", "ada", false)
		for policy, want := range map[shard.SeenPolicy]time.Time{
			shard.SeenUnset: exact.LastSeen, shard.SeenExact: exact.LastSeen, shard.SeenHidden: {},
			shard.SeenCoarse: exact.LastSeen.UTC().Truncate(24 * time.Hour),
		} {
			h.SetVisibility("ada", shard.VisibilityChange{
				Visibility: shard.Visibility{LastSeen: policy}, SetLastSeen: true,
			})
			seen, _ := h.Inspect("ben", "ada", false)
			self, _ := h.Inspect("ada", "ada", false)
			if !seen.LastSeen.Equal(want) || !seen.TrueSeen.Equal(exact.LastSeen) || self.LastSeen != exact.LastSeen {
				t.Errorf("%v: others are told %v, want %v", policy, seen.LastSeen, want)
			}
		}
	})
}

// TestWhoMayNotSeeSeesNothing: of a participant that has blocked a viewer, or that isn't open to
// strangers, all is as of one that was never there.
func TestWhoMayNotSeeSeesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		beat := []Heartbeat{{Participant: "ada", Device: "tab", Activity: shard.ActivityOnline}}
		h.Heartbeats(beat, make([]shard.Outcome, 1))
		h.SetBlock("ada", "ben", true)
		for viewer, closed := range map[string]bool{"ben": false, "cleo": true, "": true} {
			audience := shard.AudienceEveryone
			if closed {
				audience = shard.AudienceAllowed
			}
			h.SetVisibility("ada", shard.VisibilityChange{
				Visibility: shard.Visibility{Audience: audience}, SetAudience: true,
			})
			got, _ := h.Inspect(viewer, "ada", false)
			never, _ := h.Inspect(viewer, "nobody", false)
			if got.State != never.State || got.LastSeen != never.LastSeen {
				t.Errorf("%q sees %v, %v; of one that was never there %v", viewer, got.State, got.LastSeen, never.State)
			}
		}
	})
}

// TestADeniedAI: to a viewer that an AI has blocked, or that an edge denies, it looks like an id of
// its form that was never seen. By prefix that is online, and else offline.
func TestADeniedAI(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		deny := []Edge{{Viewer: "cleo", Edge: shard.Edge{Allow: shard.Deny}}}
		for id, never := range map[string]string{"model:x": "model:never", "summarizer": "never"} {
			h.SetKind(id, shard.KindHelper)
			h.Heartbeats([]Heartbeat{{Participant: id, Activity: shard.ActivityIdle}}, make([]shard.Outcome, 1))
			h.SetBlock(id, "ben", true)
			h.SetEdges(id, deny, make([]shard.Outcome, 1))
			for _, viewer := range []string{"ben", "cleo"} {
				got, _ := h.Inspect(viewer, id, false)
				want, _ := h.Inspect(viewer, never, false)
				if got.State != want.State || !got.LastSeen.IsZero() || !want.LastSeen.IsZero() {
					t.Errorf("%s sees %s %v, %v; of one that was never there %v", viewer, id, got.State, got.LastSeen, want.State)
				}
			}
			if got, _ := h.Inspect("dora", id, false); got.State != shard.Online || got.LastSeen.IsZero() {
				t.Errorf("others see %s %v, %v", id, got.State, got.LastSeen)
			}
		}
	})
}
