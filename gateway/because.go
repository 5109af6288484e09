package gateway

import (
	"fmt"
	"strings"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// reader puts a cluster.Why into words that a support person reads out: who may see whom, then how
// the state is made, then which nodes say so.
type reader struct {
	*cluster.Why
	of     string
	viewer string // in words
	now    time.Time
}

func because(w *cluster.Why, of, viewer string, now time.Time) string {
	r := reader{w, of, viewer, now}
	if viewer == "" {
		r.viewer = "a stranger"
	}
	var all []string
	for _, words := range []string{r.rule(), r.state(), r.nodes()} {
		if words != "" {
			all = append(all, words)
		}
	}
	return strings.Join(all, " ")
}

// rule is why the viewer may see the participant, or not.
func (r *reader) rule() string {
	switch r.Ground {
	case cluster.GroundSelf:
		return r.of + " asks about itself, and sees everything."
	case cluster.GroundBlock:
		return fmt.Sprintf("%s blocked %s %s. %s", r.of, r.viewer, r.ago(r.Exception.Blocked), r.unseen())
	case cluster.GroundEdge:
		return r.edge()
	case cluster.GroundWindow:
		w := &r.Exception.Window
		return fmt.Sprintf("%s and %s had a direct message %s; until %s each sees through the other's appear offline.",
			r.viewer, r.of, r.ago(w.At), clock(w.End))
	case cluster.GroundAI:
		return fmt.Sprintf("%s is an AI participant, which everyone may see.", r.of)
	case cluster.GroundDefault:
		return r.byDefault()
	default:
		return fmt.Sprintf("Nobody who knows %s answered, so the state is unknown.", r.of)
	}
}

func (r *reader) edge() string {
	words := "may see"
	if r.Exception.Edge == shard.Deny {
		words = "may not see"
	}
	words = fmt.Sprintf("A backend said %s that %s %s %s", r.ago(r.Exception.EdgeAt), r.viewer, words, r.of)
	if !r.Exception.EdgeEnd.IsZero() {
		words += ", until " + clock(r.Exception.EdgeEnd)
	}
	if words += "."; r.Rule == 2 {
		words += " " + r.unseen()
	}
	return words
}

func (r *reader) byDefault() string {
	if r.Rule == 3 {
		return fmt.Sprintf("Everyone may see %s.", r.of)
	}
	return fmt.Sprintf("%s may be seen by those alone whom an edge allows, or who have a direct-message window; "+
		"of %s nothing is said. %s", r.of, r.viewer, r.unseen())
}

func (r *reader) unseen() string {
	return fmt.Sprintf("So %s is answered as about an id that was never seen.", r.viewer)
}

// state is how the state is made, if the viewer is told.
func (r *reader) state() string {
	switch {
	case r.StateRule == 1:
		return "AI participants are online, always" + r.registered() + "."
	case r.StateRule == 2:
		return r.absent()
	case r.StateRule == 3:
		return r.busy()
	case r.StateRule == 4 && r.Rule == 1:
		return fmt.Sprintf("It picked appear offline %s, which it alone sees.", r.ago(r.OverrideAt))
	case r.StateRule == 4:
		return fmt.Sprintf("It picked appear offline %s, so %s sees it offline.", r.ago(r.OverrideAt), r.viewer)
	case r.StateRule == 5:
		return r.awake()
	case r.State != shard.Unknown || r.Rule == 0:
		return ""
	case r.DoubtEnds.IsZero():
		return "The state isn't known at the moment."
	default:
		return fmt.Sprintf("Its owner may have lost something, and says unknown until it knows, %s at the latest.",
			clock(r.DoubtEnds))
	}
}

// busy is what makes it so: a pick, or else claims.
func (r *reader) busy() string {
	if r.Override == shard.OverrideBusy {
		words := fmt.Sprintf("It picked busy %s", r.ago(r.OverrideAt))
		if r.OverrideUntil != 0 {
			words += ", until " + clock(time.UnixMilli(r.OverrideUntil))
		}
		return words + "."
	}
	var all []string
	for _, k := range r.Claims {
		all = append(all, fmt.Sprintf("%s until %s", k.Source, clock(time.UnixMilli(k.Until))))
	}
	return fmt.Sprintf("It picked nothing, and is busy by what backends said: %s.", strings.Join(all, ", "))
}

func (r *reader) registered() string {
	if r.KindAt.IsZero() {
		return "; its id says that it is one"
	}
	return fmt.Sprintf("; it was registered as %v %s", r.Kind, r.ago(r.KindAt))
}

func (r *reader) absent() string {
	if r.TrueSeen.IsZero() {
		return "No device of it is there, and no sign of life is remembered: it is offline, whatever it picked."
	}
	return fmt.Sprintf("No device of it is there: the last sign of life was %s. So it is offline, whatever it picked.",
		r.ago(r.TrueSeen))
}

// awake is the device that counts.
func (r *reader) awake() string {
	words := ""
	if r.Override == shard.OverrideAppearOffline {
		words = fmt.Sprintf("It picked appear offline %s, which %s sees through. ", r.ago(r.OverrideAt), r.viewer)
	}
	var best *cluster.Source
	for i := range r.Sources {
		s := &r.Sources[i]
		there := s.Standing == shard.DeviceLive || s.Standing == shard.DeviceLingering
		if there && (best == nil || s.Activity > best.Activity) {
			best = s
		}
	}
	if best == nil {
		return words
	}
	words += fmt.Sprintf("The most awake of its devices counts: %s is %v, and was heard of %s", best.ID, best.Activity,
		r.ago(best.LastSeen))
	if len(best.Gateways) > 0 {
		words += " through a socket at " + strings.Join(best.Gateways, " and ")
	}
	if best.Deadline.IsZero() {
		return words + "; its socket has closed, and it goes in a moment."
	}
	return words + "; without a sign of life it is gone at " + clock(best.Deadline) + "."
}

// nodes is what those say that hold the participant.
func (r *reader) nodes() string {
	var all []string
	for _, h := range r.Holders {
		role := strings.ReplaceAll(h.Role.String(), "_", " ")
		switch {
		case !h.Answered:
			all = append(all, fmt.Sprintf("%s, the %s, did not answer", h.Node, role))
		case !h.Holds:
			all = append(all, fmt.Sprintf("%s, the %s, has nothing of it", h.Node, role))
		default:
			all = append(all, fmt.Sprintf("%s, the %s, answers %v", h.Node, role, h.State))
		}
	}
	if all == nil {
		return "No node owns anything at the moment."
	}
	return "Of the nodes, " + strings.Join(all, "; ") + "."
}

// ago is the age of what is told.
func (r *reader) ago(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return max(r.now.Sub(t), 0).Truncate(time.Second).String() + " ago"
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
