package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// remark is a status. The zero remark is none.
type remark struct {
	text   string // each is said once
	until  time.Duration
	public bool
}

// everyRemark is about how often something is said of somebody beside their state.
const everyRemark = 5 * time.Second

// remarks are steps that set statuses, claims, and overrides with an end.
func (p plan) remarks(seed uint64, nodes int, ids []string) (all []step) {
	r := rand.New(rand.NewPCG(seed, 7))
	for at := settled; p.remarked && at < settled+p.length; at += time.Duration(r.ExpFloat64() * float64(everyRemark)) {
		s := step{at: at, id: ids[r.IntN(len(ids))], node: r.IntN(nodes), way: r.IntN(8)}
		if r.IntN(3) > 0 {
			s.lasts = 3*time.Second + time.Duration(r.Int64N(int64(time.Minute)))
		}
		switch n := r.IntN(10); {
		case n < 5:
			s.do = "status"
		case n < 8:
			s.do, s.value = "claim", []string{"call", "calendar"}[r.IntN(2)]
		default:
			s.do, s.value = "pick", []string{"busy", "appear_offline"}[r.IntN(2)]
			s.lasts = max(s.lasts, 3*time.Second)
		}
		all = append(all, s)
	}
	return all
}

// remark does a step of remarks. Nodes of the version before take none.
func (w *world) remark(s step, address string) {
	switch {
	case w.model.mixed:
	case s.do == "status":
		w.status(s, address)
	case s.do == "claim":
		w.claim(s, address)
	default:
		w.pick(s, address)
	}
}

// endOf is when what a step says ends; 0: it doesn't. w.mu is held.
func (w *world) endOf(s step) time.Duration {
	if s.lasts == 0 {
		return 0
	}
	return w.now() + s.lasts
}

// status sets one, by its way a public one, or clears it.
func (w *world) status(s step, address string) {
	w.mu.Lock()
	w.said++
	said := remark{text: fmt.Sprint(s.id, "-", w.said), until: w.endOf(s), public: s.way%4 == 0}
	body := map[string]any{"text": said.text}
	if said.until != 0 {
		body["expires_at"] = w.start.Add(said.until)
	}
	if said.public {
		body["public"] = true
	}
	method, path := "PUT", "/v1/presence/"+s.id+"/status"
	if s.way == 7 {
		said, method, body = remark{}, "DELETE", nil
	}
	p := w.model.people[s.id]
	w.mu.Unlock()
	_ = tell(w, s, address, p.status, said, func(ctx context.Context) error {
		_, err := call(ctx, w.backend(), address, method, path, anyOr(body), nil)
		return err
	})
}

// anyOr is a body, or none.
func anyOr(body map[string]any) any {
	if body == nil {
		return nil
	}
	return body
}

// claim makes one, or ends it.
func (w *world) claim(s step, address string) {
	w.mu.Lock()
	f, until := w.model.people[s.id].claim(s.value), w.endOf(s)
	mine := len(f.ops)
	w.mu.Unlock()
	path := "/v1/presence/" + s.id + "/busy/" + s.value
	err := tell(w, s, address, f, until != 0, func(ctx context.Context) error {
		if until == 0 {
			_, err := call(ctx, w.backend(), address, "DELETE", path, nil, nil)
			return err
		}
		_, err := call(ctx, w.backend(), address, "PUT", path, map[string]any{"expires_at": w.start.Add(until)}, nil)
		return err
	})
	if until != 0 {
		endAt(w, f, mine, false, until, err)
	}
}

// pick is an override with an end.
func (w *world) pick(s step, address string) {
	w.mu.Lock()
	f, until := w.model.people[s.id].override, w.endOf(s)
	mine := len(f.ops)
	w.mu.Unlock()
	err := tell(w, s, address, f, s.value, func(ctx context.Context) error {
		body := map[string]any{"override": s.value, "expires_at": w.start.Add(until)}
		_, err := call(ctx, w.backend(), address, "PUT", "/v1/presence/"+s.id+"/override", body, nil)
		return err
	})
	endAt(w, f, mine, "auto", until, err)
}

// endAt tells the model that what a call has set, the one of a number, becomes another value at a
// time, unless something else was set since.
func endAt[T comparable](w *world, f *fact[T], mine int, value T, until time.Duration, err error) {
	w.running.Go(func() {
		sleep(w.ctx, until-w.model.slack-w.now())
		w.mu.Lock()
		o := f.begin(w.now(), value)
		w.mu.Unlock()
		sleep(w.ctx, until+w.model.slack-w.now())
		w.mu.Lock()
		defer w.mu.Unlock()
		others := slices.ContainsFunc(f.ops[mine+1:], func(p *op[T]) bool { return p != o })
		if err != nil || others || w.model.troubled(until, w.now()) {
			f.fail(w.now(), o)
			return
		}
		f.done(w.now(), o, true, 0)
	})
}

// said is what was said of somebody beside their state.
type said struct {
	status *fact[remark]
	claims map[string]*fact[bool] // by source
}

func newSaid() said { return said{newFact(remark{}), make(map[string]*fact[bool])} }

func (s *said) claim(source string) *fact[bool] {
	if s.claims[source] == nil {
		s.claims[source] = newFact(false)
	}
	return s.claims[source]
}

// claimed tells whether somebody may be claimed.
func (s *said) claimed(m *model, from, to time.Duration) []bool {
	may := []bool{false}
	for _, f := range s.claims {
		of := held(m, f, from, to)
		if !slices.Contains(of, false) {
			return []bool{true}
		}
		may = with(may, of...)
	}
	return may
}

// busyOr is how an override of busy, or a claim, makes somebody look.
func busyOr(inner states) (may states) {
	may = inner & offline
	if inner&^offline != 0 {
		may |= busy
	}
	return may
}

// checkStatus judges the status that somebody was told at an address; an empty text is none.
func (w *world) checkStatus(what, address, viewer, id, text string, from, to time.Duration) {
	if w.model.mixed {
		return
	}
	wrong := w.model.wrongStatus(viewer, id, text, from, to)
	if wrong != "" {
		w.broken("%s %s: %q sees that %s says %q between %.3fs and %.3fs, %s", what, address, viewer, id, text,
			from.Seconds(), to.Seconds(), wrong)
	}
}

// wrongStatus tells why a viewer can't see a status, or see none; empty: it may.
func (m *model) wrongStatus(viewer, id, text string, from, to time.Duration) string {
	p := m.people[id]
	if text == "" {
		return m.missingStatus(p, viewer, from, to)
	}
	i := slices.IndexFunc(p.status.ops, func(o *op[remark]) bool { return o.value.text == text })
	if i < 0 || p.status.ops[i].start > to {
		return "which was never said"
	}
	o := p.status.ops[i]
	since := m.since(from, to, settling)
	hidden, sure := m.hiddenSince(viewer, id, from, to)
	hides := viewer != id && slices.Contains(p.override.during(since, to), "appear_offline")
	switch {
	case o.value.until != 0 && from > o.value.until+m.slack:
		return fmt.Sprintf("which has ended at %.3fs", o.value.until.Seconds())
	case viewer != id && !p.admits(m, viewer, from, to):
		return "and may not see it"
	case sure && !o.value.public && o.start > hidden+2*maxSkew:
		return fmt.Sprintf("which was said at %.3fs, while it hid, since %.3fs", o.start.Seconds(), hidden.Seconds())
	case !hides && !slices.Contains(held(m, p.status, since, to), o.value):
		return "and something else was said since"
	}
	return ""
}

// missingStatus tells why a viewer must see a status.
func (m *model) missingStatus(p *person, viewer string, from, to time.Duration) string {
	if m.troubled(from, to) || slices.Contains(p.denies(m, viewer, from, to), true) ||
		slices.Contains(p.shuts(m, viewer, from, to), true) ||
		viewer != p.id && slices.Contains(p.override.during(from, to), "appear_offline") {
		return ""
	}
	may := p.status.during(from, to)
	if len(may) != 1 || may[0].text == "" || may[0].until != 0 && to > may[0].until-m.slack {
		return ""
	}
	return fmt.Sprintf("may only see %q", may[0].text)
}

// told is a status as it is told.
type told struct {
	Text string `json:"text"`
}

// textOf is what somebody is told to say, empty: nothing.
func textOf(all map[string]*told, id string) string {
	if s := all[id]; s != nil {
		return s.Text
	}
	return ""
}

// with is what sessions ask for beside states.
func (w *world) with() []string {
	if w.model.mixed {
		return nil
	}
	return []string{"status"}
}

// queryStatuses asks for everybody with their statuses, as a viewer.
func (w *world) queryStatuses(from *memnet.Host, address, viewer string) {
	if w.model.mixed {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	body := map[string]any{"ids": w.ids, "with": []string{"status"}}
	if viewer != "" {
		body["viewer"] = viewer
	}
	asked := w.now()
	var got struct {
		States   map[string]string `json:"states"`
		Statuses map[string]*told  `json:"statuses"`
	}
	if _, err := call(ctx, from, address, "POST", "/v1/presence/query", body, &got); err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range w.ids {
		w.check("a query with statuses at", address, viewer, id, got.States[id], asked, w.now())
		if got.States[id] != "unknown" {
			w.checkStatus("a query with statuses at", address, viewer, id, textOf(got.Statuses, id), asked, w.now())
		}
	}
}

// hears judges the statuses that a session is told without asking. w.mu is held.
func (s *session) hears(all map[string]*told) {
	for id := range all {
		text := textOf(all, id)
		s.w.checkStatus("an event of", s.address, s.id, id, text, s.lag(s.w.now()), s.w.now())
		s.mu.Lock()
		if before, known := s.says[id]; known && before == text {
			s.w.broken("an event of %s tells %s that %s says %q, which it was told before", s.address, s.id, id, text)
		}
		s.says[id] = text
		s.mu.Unlock()
		s.read[id] = append(s.read[id], text)
	}
}

// remembers notes the statuses of a snapshot. Those that came while it was looked at are newer.
// w.mu is held.
func (s *session) remembers(all map[string]*told, asked time.Duration) {
	s.mu.Lock()
	later := s.says
	s.says = make(map[string]string)
	for _, id := range s.watches {
		s.says[id] = textOf(all, id)
		if text, came := later[id]; came {
			s.says[id] = text
		}
	}
	s.mu.Unlock()
	for _, id := range s.watches {
		s.w.checkStatus("a snapshot of", s.address, s.id, id, textOf(all, id), s.lag(asked), s.w.now())
	}
}

// Everybody says something that ends, half of them hide, and say something else. Then something
// happens to a node.
func init() {
	for name, do := range map[string]string{"dies": "kill", "drains": "drain", "stands still": "pause", "comes": "visit"} {
		stories["what was said ends after a node "+name] = story{3, func(node int) []step {
			return append(sayAndHide(node), step{at: 22 * time.Second, do: do, node: node, lasts: 12 * time.Second})
		}}
	}
}

func sayAndHide(node int) (all []step) {
	for i, id := range everybody {
		at := 10*time.Second + time.Duration(i)*50*time.Millisecond
		all = append(all,
			step{at: at, do: "open", id: id, device: "tab", node: (node + 1 + i%2) % 3, stays: true},
			step{at: at + 2*time.Second, do: "status", id: id, way: 1, node: i % 3, lasts: 35 * time.Second},
			step{at: at + 3*time.Second, do: "claim", id: id, value: "call", node: i % 3, lasts: 30 * time.Second})
		if i%2 == 0 {
			all = append(all,
				step{at: at + 5*time.Second, do: "pick", id: id, value: "appear_offline", node: i % 3, lasts: 70 * time.Second},
				step{at: at + 7*time.Second, do: "status", id: id, way: 1, node: i % 3, lasts: 28 * time.Second},
				step{at: at + 8*time.Second, do: "override", id: id, value: "appear_offline", node: i % 3},
				step{at: at + 90*time.Second, do: "pick", id: id, value: "busy", node: i % 3, lasts: 10 * time.Second})
		}
		all = append(all, step{at: at + 60*time.Second, do: "status", id: id, way: 1, node: i % 3})
	}
	return all
}
