package many

import (
	"fmt"
	"testing"
	"time"
)

// breach is a way in which the links between two hosts are broken.
type breach struct {
	how   string
	apply func(n *network, a, b int)
}

var breaches = []breach{
	{"all links between %s and %s", func(n *network, a, b int) { n.unlink(a, b) }},
	{"links made by %s to %s", func(n *network, a, b int) { n.shut(b, a) }},
	{"links made to %s by %s", func(n *network, a, b int) { n.shut(a, b) }},
	{"what %s sends to %s", func(n *network, a, b int) { n.mute(a, b) }},
	{"what comes to %s from %s", func(n *network, a, b int) { n.mute(b, a) }},
}

// TestPairCut breaks links between two of three nodes, while gossip goes on. Through each of the
// three nodes everybody is seen as before, and all is taken that is written. In full each pair is
// cut in each way.
func TestPairCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, greySize(t))
	for i, pair := range [][2]int{{1, 2}, {0, 2}, {0, 1}} {
		for j, b := range breaches {
			if !full() && i*2 != j { // of the first pair all, of the second what comes from one to the other
				continue
			}
			w.begin(settled)
			b.apply(w.n, pair[0], pair[1])
			time.Sleep(w.lasts)
			w.report(t, fmt.Sprintf(b.how, w.f.nodes[pair[0]].id, w.f.nodes[pair[1]].id)+" cut", w.f.nodes...)
			w.heal(t)
		}
	}
	w.load.stand(t)
}
