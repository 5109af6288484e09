package scenario

import (
	"fmt"

	"github.com/scaiwave/presence/bench/result"
)

// What is measured of each size.
const (
	starting = "all ready after"
	idling   = "idle cost of a node"
	beating  = "cost of a heartbeat"
	fetching = "cost of an id fetched"
	noticing = "all agree after a kill"
)

// requests is how many are in flight while their cost is measured.
const requests = 4

// sizes are the values of all rounds, by what was measured and the number of nodes.
type sizes map[string]map[int][]float64

func (t sizes) add(what string, nodes int, value float64) {
	if t[what] == nil {
		t[what] = make(map[int][]float64)
	}
	t[what][nodes] = append(t[what][nodes], value)
}

// figures adds one of each size, and what a node more costs.
func (t sizes) figures(r *Run, all []int) {
	for _, f := range []struct{ what, unit, comment string }{
		{starting, "s", "all started at once"},
		{idling, "cores", "nobody beats, nobody asks"},
		{beating, "µs", "CPU of all nodes, in batches"},
		{fetching, "µs", "CPU of all nodes, in batches"},
		{noticing, "s", "none sees it any more, and its partitions are served"},
	} {
		for _, nodes := range all {
			runs := t[f.what][nodes]
			if len(runs) == 0 {
				continue // the run ended before
			}
			r.figure(result.Figure{
				Name: fmt.Sprintf("%s, %d nodes", f.what, nodes), Unit: f.unit, Value: result.Median(runs), Runs: runs,
				Better: result.Lower, Comment: f.comment, Size: &result.Size{Of: f.what, Nodes: nodes},
			})
		}
	}
	t.growth(r, all[0], all[len(all)-1])
}

// growth adds by how much the idle cost of a node grows from the smallest to the largest cluster.
func (t sizes) growth(r *Run, small, large int) {
	if len(t[idling][small]) == 0 || len(t[idling][large]) == 0 {
		return
	}
	from, to := result.Median(t[idling][small]), result.Median(t[idling][large])
	r.number(fmt.Sprintf("idle cost of a node, %d nodes to %d", large, small), "x", result.Lower, to/from, "")
	r.number("idle cost of each peer more", "cores", result.Lower, (to-from)/float64(large-small), "")
}
