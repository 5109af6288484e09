package hub

import (
	"context"
	"time"

	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// far is the time of what isn't waited for.
const far = time.Duration(1<<63 - 1)

// SetJudge sets who is asked what viewers may see. Once, before the first viewer.
func (h *Hub) SetJudge(j Judge) { h.judge = j }

func newDocket() *docket {
	d := new(docket)
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// open begins a subscription about which the backend is asked next. The caller holds mu.
func (v *Viewer) open(place uint32) {
	d := v.docket
	if d == nil {
		return
	}
	for len(d.rulings) <= int(place) {
		d.rulings = append(d.rulings, ruling{})
	}
	d.rulings[place] = ruling{until: far}
}

// judged is what a viewer is trusted with by a participant and the backend. known is false while
// the backend's answer isn't known. The caller holds mu.
func (v *Viewer) judged(place uint32, t shard.Trust) (trust shard.Trust, known bool) {
	d := v.docket
	if d == nil || place == selfSub {
		return t, true
	}
	r := d.rulings[place]
	if r.verdict == authorize.NotKnown || r.until <= v.hub.now() {
		return t, false // a change that comes before the timer isn't told either
	}
	return max(t, r.verdict.Trust()), true
}

func (h *Hub) now() time.Duration { return time.Since(h.start) }

// consult asks the backend about subscriptions, and notes what it says.
func (v *Viewer) consult(list tenant.List, topics []*topic, places []uint32) {
	d := v.docket
	if d == nil {
		return
	}
	v.mu.Lock()
	epoch := d.epoch
	v.mu.Unlock()
	answers := make([]authorize.Answer, list.Len())
	ctx, cancel := context.WithTimeout(d.ctx, consultWait)
	defer cancel()
	v.hub.judge.Ask(ctx, tenant.Participant(v.key.ID), list, answers)
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range answers {
		if d.epoch == epoch && v.holds(places[i], topics[i]) {
			d.rulings[places[i]] = ruling{answers[i].Verdict, answers[i].Until.Sub(v.hub.start)}
		}
	}
	v.arm()
}

// consultWait is how long the backend is waited for: for a place, and for its answer.
const consultWait = 2 * authorize.Timeout

// holds reports whether a place is still that of a topic. The caller holds mu.
func (v *Viewer) holds(place uint32, t *topic) bool {
	return int(place) < len(v.subs) && v.subs[place].topic == t
}

// arm sets the timer to when the backend is to be asked again. The caller holds mu.
func (v *Viewer) arm() {
	d := v.docket
	if d.busy || d.ctx.Err() != nil {
		return
	}
	next := far
	for place := range v.subs {
		if v.subs[place].topic != nil {
			next = min(next, d.rulings[place].until)
		}
	}
	switch {
	case next == far:
		return // a timer that is set rings in vain
	case d.timer == nil:
		d.timer = time.AfterFunc(next-v.hub.now(), v.renew)
	default:
		d.timer.Reset(next - v.hub.now())
	}
}

// renew asks the backend again about what is due, and tells the viewer what differs by its answers.
func (v *Viewer) renew() {
	for {
		list, topics, places := v.due()
		if len(topics) == 0 {
			return
		}
		v.consult(list, topics, places)
		var woken []*Viewer
		for i, t := range topics {
			woken = v.remark(t, places[i], woken)
		}
		wakeAll(woken)
	}
}

// due takes the subscriptions whose answer doesn't count any longer. What they were told last
// stands until it is known again; what was marked and not told yet waits as well.
func (v *Viewer) due() (list tenant.List, topics []*topic, places []uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d, now := v.docket, v.hub.now()
	var ids []tenant.Participant
	for place := range v.subs {
		s := &v.subs[place]
		if s.topic == nil || d.rulings[place].until > now {
			continue
		}
		d.rulings[place] = ruling{until: far}
		v.hush(place)
		ids = append(ids, tenant.Participant(s.topic.id))
		topics, places = append(topics, s.topic), append(places, uint32(place))
	}
	d.busy = len(topics) > 0
	v.arm()
	return tenant.ListOf(ids...), topics, places
}

// remark looks again at what a subscription shows, if it is still that of a topic.
func (v *Viewer) remark(t *topic, sub uint32, woken []*Viewer) []*Viewer {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	v.mu.Lock()
	holds, place := v.holds(sub, t), uint32(0)
	if holds {
		place = v.subs[sub].place
	}
	v.mu.Unlock()
	if !holds {
		return woken
	}
	return t.mark(place, woken)
}

// Forget has what a backend has said of viewers, by their inner ids, count no longer: it is asked
// again about all that they watch here.
func (h *Hub) Forget(viewers []string) {
	for _, id := range viewers {
		for _, v := range h.names.get(h.node.Viewer(id).Hash) {
			v.forget()
		}
	}
}

func (v *Viewer) forget() {
	d := v.docket
	if d == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	d.epoch++
	now := v.hub.now()
	for place := range v.subs {
		d.rulings[place] = ruling{until: now}
		v.hush(place)
	}
	v.arm()
}

// adjourn ends the viewer's questions.
func (v *Viewer) adjourn() {
	d := v.docket
	if d == nil {
		return
	}
	d.stop()
	v.mu.Lock()
	defer v.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
}
