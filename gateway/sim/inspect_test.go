package sim

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// inspect asks for all that a viewer may know of somebody. Of who hides that is nothing newer than
// when it began.
func (w *world) inspect(from *memnet.Host, address, viewer, id string) {
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var got struct {
		State    string    `json:"state"`
		LastSeen time.Time `json:"last_seen"`
	}
	path := "/v1/presence/" + id
	if viewer != "" {
		path += "?viewer=" + viewer
	} else {
		path += "?viewer=nobody"
	}
	asked := w.now()
	if _, err := call(ctx, from, address, "GET", path, nil, &got); err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.answers++
	w.check("an inspection at", address, viewer, id, got.State, asked, w.now())
	w.lookAtLastSeen(address, viewer, id, got.LastSeen, asked, w.now())
	dated := !got.LastSeen.Equal(day(got.LastSeen)) // and not null, nor a day
	if at, ok := w.model.people[id].erasedAt(asked); ok && dated && !w.model.split(at, w.now()) {
		if seen := got.LastSeen.Sub(w.start); seen < at-blurred-tick-w.model.paused(at, w.now()) {
			w.broken("an inspection at %s: %q is told that %s, who was erased at %.3fs, was last seen at %.3fs",
				address, viewer, id, at.Seconds(), seen.Seconds())
		}
	}
	hidden, ok := w.model.hiddenSince(viewer, id, asked, w.now())
	// the times of a node that stood still move by that
	if seen := got.LastSeen.Sub(w.start); ok && !got.LastSeen.IsZero() &&
		seen > hidden+w.model.paused(hidden, w.now())+2*maxSkew+tick {
		w.broken("an inspection at %s: %q is told that %s, who hides since %.3fs, was last seen at %.3fs",
			address, viewer, id, hidden.Seconds(), seen.Seconds())
	}
}

// hiddenSince is from when on somebody is sure to have hidden from a viewer until now; false: that
// isn't sure.
func (m *model) hiddenSince(viewer, id string, from, to time.Duration) (since time.Duration, ok bool) {
	p := m.people[id]
	if viewer == id || p.windows[viewer] != nil {
		return 0, false
	}
	changes := p.override.changes
	for i := len(changes) - 1; i >= 0 && len(changes[i].may) == 1 && changes[i].may[0] == "appear_offline"; i-- {
		if ok && m.split(changes[i].at, changes[i].at) {
			break // the other side, where it was picked again, didn't hear of it
		}
		since, ok = changes[i].at, true
	}
	return since, ok && since <= m.since(from, to, settling) // the other side of a cut doesn't hear of it
}
