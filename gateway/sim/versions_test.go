package sim

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster/protocol"
)

// features are what these nodes have: something that those of the release before know, and what
// they don't.
var features = append([]protocol.Feature{{Word: "old", From: protocol.Spoken.Lowest}}, protocol.Features...)

// speaks is what the node of a place speaks from its next start on. In every second world some are
// of the release before, and every start makes them of the other one. w.mu is held.
func (w *world) speaks(i int) protocol.Range {
	p := w.nodes[i]
	p.boots++
	p.speaks = protocol.Spoken
	if w.model.mixed && (w.seed/2+uint64(i+p.boots))%2 == 0 {
		p.speaks.Highest = p.speaks.Lowest
	}
	return p.speaks
}

// featuresAgree: each node names what all know, and nothing else.
func (w *world) featuresAgree() {
	w.mu.Lock()
	defer w.mu.Unlock()
	want := protocol.Words(features, w.lowest())
	for _, i := range w.up() {
		if got := w.nodes[i].node.cluster.Features(); !slices.Equal(got, want) {
			w.broken("%s, when all is quiet, names %q, and all know %q", w.nodes[i].id, got, want)
		}
	}
}

// lowest is the highest protocol that all nodes know. w.mu is held.
func (w *world) lowest() int {
	lowest := protocol.Spoken.Highest
	for _, i := range w.up() {
		lowest = min(lowest, w.nodes[i].speaks.Highest)
	}
	return lowest
}

// statusesWait: what belongs to statuses can be said as soon as all nodes know it, and not before.
func (w *world) statusesWait() {
	w.mu.Lock()
	all, known := w.up(), w.lowest() >= protocol.Statuses
	w.mu.Unlock()
	for _, i := range all {
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		path := "/v1/presence/" + w.ids[0] + "/busy/nothing"
		_, err := call(ctx, w.backend(), w.nodes[i].address, "DELETE", path, nil, nil)
		cancel()
		if (err == nil) != known {
			w.mu.Lock()
			w.broken("when all is quiet, all nodes know statuses: %t, and %s says %v", known, w.nodes[i].id, err)
			w.mu.Unlock()
		}
	}
}
