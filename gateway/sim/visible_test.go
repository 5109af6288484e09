package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// everySaying is about how often something is said about who may see whom.
const everySaying = 4 * time.Second

// sayings are steps of participants and backends that say who may see whom. Most of it is about
// pairs of which the one watches the other, and more of it opens than closes: what nobody may see
// shows no mistake.
func (p plan) sayings(seed uint64, nodes int, ids []string) (all []step) {
	r := rand.New(rand.NewPCG(seed, 6))
	for at := settled; at < settled+p.length; at += time.Duration(r.ExpFloat64() * float64(everySaying)) {
		i := r.IntN(len(ids))
		s := step{at: at, id: ids[i], value: ids[(i+1+r.IntN(len(ids)-1))%len(ids)], node: r.IntN(nodes)}
		if r.IntN(2) == 0 {
			s.value = ids[(i+len(ids)-[]int{1, 3}[r.IntN(2)])%len(ids)] // see world.few
		}
		switch n := r.IntN(20); {
		case n < 3:
			s.do = "block"
		case n < 7:
			s.do = "unblock"
		case n < 15:
			s.do, s.way = "edge", r.IntN(len(allowances))
			if s.way > 0 && r.IntN(2) == 0 {
				s.lasts = 3*time.Second + time.Duration(r.Int64N(int64(time.Minute)))
			}
		case n < 18:
			s.do, s.value = "default", []string{"everyone", "everyone", "allowed", ""}[r.IntN(4)]
		default:
			s.do, s.value = "seen", []string{"exact", "coarse", "hidden", ""}[r.IntN(4)]
		}
		all = append(all, s)
	}
	return all
}

// allowances are what an edge says, by the way of a step: that it is forgotten, allows, denies.
var allowances = []string{"", "allow", "deny"}

// say has something said about who may see somebody.
func (w *world) say(s step, address string) error {
	w.mu.Lock()
	p := w.model.people[s.id]
	w.mu.Unlock()
	path := "/v1/participants/" + s.id
	switch s.do {
	case "block", "unblock":
		method := map[string]string{"block": "PUT", "unblock": "DELETE"}[s.do]
		return tell(w, s, address, p.block(s.value), s.do == "block", func(ctx context.Context) error {
			_, err := call(ctx, w.backend(), address, method, path+"/blocks/"+s.value, nil, nil)
			return err
		})
	case "edge":
		e := edge{says: allowances[s.way]}
		if s.lasts > 0 {
			e.until = w.now() + s.lasts
		}
		return tell(w, s, address, p.edge(s.value), e, func(ctx context.Context) error {
			return w.setEdge(ctx, s, e, address)
		})
	case "default":
		return w.setVisibility(s, "default", "everyone", p.unasked, address)
	default:
		return w.setVisibility(s, "last_seen", "exact", p.lastSeen, address)
	}
}

// setVisibility sets a member; an empty value unsets it, and then usual counts.
func (w *world) setVisibility(s step, member, usual string, f *fact[string], address string) error {
	value, body := s.value, map[string]any{member: s.value}
	if value == "" {
		value, body = usual, map[string]any{member: nil}
	}
	return tell(w, s, address, f, value, func(ctx context.Context) error {
		_, err := call(ctx, w.backend(), address, "PUT", "/v1/participants/"+s.id+"/visibility", body, nil)
		return err
	})
}

func (w *world) setEdge(ctx context.Context, s step, e edge, address string) error {
	item := map[string]any{
		"participant_id": s.id, "viewer": s.value, "allow": map[string]any{"allow": true, "deny": false}[e.says],
	}
	if e.until > 0 {
		item["expires_at"] = w.start.Add(e.until)
	}
	var got batchAnswer
	_, err := call(ctx, w.backend(), address, "POST", "/v1/visibility", map[string]any{"edges": []any{item}}, &got)
	return got.of(0, err)
}

// tell makes a call that changes a fact of an audience, and tells the model of it. An erasure of the
// viewer is stamped by another clock.
func tell[T comparable](
	w *world, s step, address string, f *fact[T], value T, do func(ctx context.Context) error,
) error {
	w.mu.Lock()
	o := f.begin(w.now(), value)
	w.counts.calls++
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	err := do(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	finishWithin(w, f, o, err, blurred)
	w.mustTake(address, o.start, err)
	w.tell("%s of %s, %q: %v", s.do, s.id, s.value, err)
	return err
}

// lookAtLastSeen judges what a viewer was told of when somebody was last there.
func (w *world) lookAtLastSeen(address, viewer, id string, at time.Time, from, to time.Duration) {
	may := w.model.people[id].seenBy(w.model, viewer, from, to)
	if at.IsZero() || slices.Contains(may, "exact") || slices.Contains(may, "coarse") && at.Equal(day(at)) {
		return
	}
	w.broken("an inspection at %s: %q is told that %s was last seen at %v, may be told what is %q", address, viewer, id,
		at, may)
}

// day is the day of a time, in UTC.
func day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// audiencesStand: what was said last is what is read.
func (w *world) audiencesStand() {
	for _, id := range w.ids {
		var set struct {
			Default  string `json:"default"`
			LastSeen string `json:"last_seen"`
		}
		var got struct {
			Blocks []string `json:"blocks"`
		}
		w.mu.Lock()
		address, p, now := w.anyUp(""), w.model.people[id], w.now()
		w.mu.Unlock()
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		_, err := call(ctx, w.backend(), address, "GET", "/v1/participants/"+id+"/visibility", nil, &set)
		if err == nil {
			_, err = call(ctx, w.backend(), address, "GET", "/v1/participants/"+id+"/blocks", nil, &got)
		}
		cancel()
		w.mu.Lock()
		wrong := fmt.Sprint(err)
		if err == nil {
			wrong = w.model.notSaid(p, set.Default, set.LastSeen, got.Blocks, now)
		}
		if wrong != "" {
			w.broken("when all is quiet, %s of %s at %s", wrong, id, address)
		}
		w.mu.Unlock()
	}
}

// notSaid tells what of an audience that was read can't be so; empty: all can.
func (m *model) notSaid(p *person, unasked, lastSeen string, blocks []string, now time.Duration) string {
	if may := held(m, p.unasked, now, now); !slices.Contains(may, unasked) {
		return fmt.Sprintf("the default is %q, may be %q", unasked, may)
	}
	if may := held(m, p.lastSeen, now, now); !slices.Contains(may, lastSeen) {
		return fmt.Sprintf("last_seen is %q, may be %q", lastSeen, may)
	}
	for id := range m.people {
		blocked := slices.Contains(blocks, id)
		if id == p.id {
			continue
		}
		if may := held(m, p.block(id), now, now); !slices.Contains(may, blocked) {
			return fmt.Sprintf("blocks are %q, %s is listed: %v", blocks, id, blocked)
		}
	}
	return ""
}
