package sim

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// quiet waits until all faults are over, and everybody has had time, and then looks whether all
// agree.
func (w *world) quiet() {
	for range 100 {
		if w.over() {
			break
		}
		sleep(w.ctx, 5*time.Second)
	}
	sleep(w.ctx, settling+15*time.Second)
	if w.isBroken() {
		return
	}
	w.ownersAgree()
	w.featuresAgree()
	w.statusesWait()
	w.viewersAgree()
	w.overridesStand()
	w.audiencesStand()
	w.windowsStand()
	w.signedOutEnd()
	w.allLeave()
}

// over says whether all faults are, and everybody is awake.
func (w *world) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sessions {
		if s.asleep || s.frozen {
			return false
		}
	}
	return !slices.ContainsFunc(w.model.faults, func(f *fault) bool { return f.end == 0 })
}

// ownersAgree: each partition has one owner and one backup, and nothing is on its way.
func (w *world) ownersAgree() {
	w.mu.Lock()
	defer w.mu.Unlock()
	served, copies, table := 0, 0, ""
	stay := len(w.up())
	for _, p := range w.nodes {
		if p.node == nil {
			if !p.visitor {
				w.broken("%s is not up", p.id)
				return
			}
			continue
		}
		st, d := p.node.cluster.Stats(), p.node.cluster.Describe()
		served, copies = served+st.Partitions, copies+st.Copies
		full := st.LinkFull != 0 || st.HalfMessages != 0
		if st.Moving != 0 || full && w.counts.floods == 0 || st.StateRefused != 0 {
			w.broken("%s, when all is quiet: %d partitions on their way, %d outboxes were full, %d times state was "+
				"refused, %d half messages",
				p.id, st.Moving, st.LinkFull, st.StateRefused, st.HalfMessages)
		}
		if table == "" {
			table = d.Fingerprint
		}
		if d.Fingerprint != table || len(d.Members) != stay {
			w.broken("%s, when all is quiet, has %d members and table %s; another has table %s", p.id, len(d.Members),
				d.Fingerprint, table)
		}
	}
	if served != partitions || copies != partitions {
		w.broken("when all is quiet, of %d partitions %d are served and %d copied", partitions, served, copies)
	}
}

// viewersAgree: what each was told last is what a new question is answered, at every node. Who
// expires at that very moment is on the way to those who watch: then it is looked at once more.
func (w *world) viewersAgree() {
	w.mu.Lock()
	sessions := slices.Collect(maps.Values(w.sessions))
	nodes := slices.DeleteFunc(slices.Clone(w.nodes), func(p *place) bool { return p.node == nil })
	w.mu.Unlock()
	for _, s := range sessions {
		for _, p := range nodes {
			differs := w.disagree(s, p)
			if differs != "" {
				sleep(w.ctx, eventLag)
				differs = w.disagree(s, p)
			}
			if differs != "" {
				w.mu.Lock()
				w.broken("%s", differs)
				w.mu.Unlock()
				return
			}
		}
	}
}

// disagree says how what a session was told last differs from what a node answers now; empty: it
// doesn't.
func (w *world) disagree(s *session, p *place) string {
	before := s.told()
	got, err := w.query(w.backend(), p.address, s.id)
	if err != nil {
		return fmt.Sprintf("when all is quiet, a query at %s: %v", p.address, err)
	}
	after := s.told()
	for id := range got {
		if !slices.Contains(s.watches, id) {
			delete(got, id)
			delete(after, id)
			delete(before, id)
		}
	}
	if before != nil && maps.Equal(before, after) && !maps.Equal(got, after) {
		return fmt.Sprintf("%s was told %v, and asking %s gives %v", key(s.id, s.place), after, p.address, got)
	}
	return ""
}

// told is what a session was told last, or nil while it isn't connected.
func (s *session) told() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket == nil && !s.stream {
		return nil
	}
	return maps.Clone(s.shown)
}

// overridesStand: what was acknowledged last is what counts.
func (w *world) overridesStand() {
	for _, id := range w.ids {
		var got struct {
			Override string `json:"override"`
		}
		w.mu.Lock()
		address := w.anyUp("")
		w.mu.Unlock()
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		_, err := call(ctx, w.backend(), address, "GET", "/v1/presence/"+id, nil, &got)
		cancel()
		w.mu.Lock()
		if may := w.model.people[id].override.latest(); err != nil || !slices.Contains(may, got.Override) {
			w.broken("%s has override %q (%v), may have %v", id, got.Override, err, may)
		}
		w.mu.Unlock()
	}
}

// windowsStand: everybody hides, and is seen by those with a window and by nobody else. What each
// may see is checked with each answer; those who are registered as an AI are seen to be one by all.
func (w *world) windowsStand() {
	w.mu.Lock()
	address := w.anyUp("")
	w.mu.Unlock()
	for _, id := range w.ids {
		w.override(id, "appear_offline", address)
		w.beat(id, "http", "online", address)
	}
	for _, viewer := range append([]string{""}, w.ids...) {
		_, _ = w.query(w.backend(), address, viewer)
	}
}

// signedOutEnd: no socket outlives its device.
func (w *world) signedOutEnd() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sessions {
		s.mu.Lock()
		if s.socket != nil && s.socket == s.condemned {
			w.broken("%s was signed out, and still has the socket that it had", key(s.id, s.place))
		}
		s.mu.Unlock()
	}
}

// allLeave: when everybody has gone, and been forgotten, nothing is left of them.
func (w *world) allLeave() {
	w.mu.Lock()
	sessions := slices.Collect(maps.Values(w.sessions))
	w.mu.Unlock()
	for _, s := range sessions {
		s.drop()
	}
	sleep(w.ctx, 5*time.Minute)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.up() {
		p := w.nodes[i]
		if st := p.node.cluster.Stats(); st.Devices != 0 || st.Records != 0 || st.Watched != 0 || st.Attached != 0 {
			w.broken("when all have left, %s has %d devices, %d records, watches %d, and has %d sockets' devices", p.id,
				st.Devices, st.Records, st.Watched, st.Attached)
		}
		for name, v := range p.node.figures() {
			if v != 0 {
				w.broken("when all have left, %s has %s %v", p.id, name, v)
			}
		}
	}
}
