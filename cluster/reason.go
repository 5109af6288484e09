package cluster

import (
	"strings"

	"github.com/scaiwave/presence/shard"
)

// Reason is which rules of docs/api.md made what a viewer is told. Owners don't use it, so it is
// held against what they answer: TestReasonsAreThoseOfOwners.
type Reason struct {
	Rule      int // of "Who may see whom", 1 to 4; 0: nobody who knows answered
	Ground    Ground
	StateRule int // of "How a state is made", 1 to 5; 0: the state isn't known, or isn't told to the viewer
}

// Ground is what made a rule apply.
type Ground string

// The grounds.
const (
	GroundSelf    Ground = "self"    // rule 1
	GroundBlock   Ground = "block"   // rule 2
	GroundEdge    Ground = "edge"    // rules 2 and 3
	GroundWindow  Ground = "window"  // rule 3
	GroundAI      Ground = "ai"      // rule 3
	GroundDefault Ground = "default" // rules 3 and 4
)

// reason is why a viewer sees what it does.
func (w *Why) reason(prefixes []string, participant, viewer string) (r Reason) {
	known := false
	for _, h := range w.Holders {
		known = known || h.Holds
	}
	if !known {
		return r
	}
	ai := w.isAI(prefixes, participant)
	r.Rule, r.Ground = w.rule(ai, participant == viewer)
	if w.State != shard.Unknown && (r.Rule == 1 || r.Rule == 3) {
		r.StateRule = w.stateRule(ai, r.Rule == 3 && !w.Exception.Window.At.IsZero())
	}
	return r
}

// rule is the first that applies of "Who may see whom".
func (w *Why) rule(ai, self bool) (int, Ground) {
	x := &w.Exception
	switch {
	case self:
		return 1, GroundSelf
	case !x.Blocked.IsZero():
		return 2, GroundBlock
	case x.Edge == shard.Deny:
		return 2, GroundEdge
	case x.Edge == shard.Allow:
		return 3, GroundEdge
	case !x.Window.At.IsZero():
		return 3, GroundWindow
	case ai:
		return 3, GroundAI
	case w.Visibility.Audience == shard.AudienceEveryone:
		return 3, GroundDefault
	default:
		return 4, GroundDefault
	}
}

// stateRule is the first that applies of "How a state is made". A viewer with a window sees the
// fifth in place of the fourth.
func (w *Why) stateRule(ai, window bool) int {
	live := false
	for _, s := range w.Sources {
		live = live || s.Standing == shard.DeviceLive || s.Standing == shard.DeviceLingering
	}
	switch {
	case ai && w.Availability != shard.UntilSilent:
		return 1
	case !live:
		return 2
	case w.Override == shard.OverrideBusy, w.Override == shard.OverrideAuto && len(w.Claims) > 0:
		return 3
	case w.Override == shard.OverrideAppearOffline && !window:
		return 4
	default:
		return 5
	}
}

// isAI reports whether a participant is one, by its registration or by its id.
func (w *Why) isAI(prefixes []string, participant string) bool {
	if w.Kind != shard.KindUnset {
		return w.Kind != shard.KindHuman
	}
	_, id := shard.SplitInnerID(participant)
	for _, p := range prefixes {
		if strings.HasPrefix(id, p) {
			return true
		}
	}
	return false
}
