package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
)

// MaxExpectNodes is the most that Peers.ExpectNodes may be.
const MaxExpectNodes = 1000

// expectation is how many nodes this one wants to have seen before it is ready. A node that finds
// nobody, because of a wrong key or a wrong name, would else begin a cluster of its own, and take
// clients. One that was in its cluster before, as its data directory says, is ready without: all
// may be starting again, and some may be gone for good.
type expectation struct {
	nodes  int                           // none: 0
	known  bool                          // by the data directory
	gossip atomic.Pointer[gossip.Gossip] // nil before Join: Ready is asked at any time
}

// seen is how many nodes were there at once, and why there were not more.
func (e *expectation) seen() (nodes int, trouble []gossip.Trouble) {
	g := e.gossip.Load()
	if g == nil {
		return 1, nil
	}
	return g.Seen(), g.Trouble()
}

// missing is the error that says which nodes are still to be seen, and what may be the cause; nil
// when enough were seen once.
func (e *expectation) missing(seeds []string) error {
	seen, trouble := e.seen()
	switch {
	case e.known || seen >= e.nodes:
		return nil
	case len(trouble) > 0:
		return fmt.Errorf("seen %d of %d nodes: %s", seen, e.nodes, told(trouble))
	case seen == 1 && len(seeds) == 0:
		return fmt.Errorf("seen 1 of %d nodes: the others are to come, as no --join names one", e.nodes)
	}
	return fmt.Errorf("seen %d of %d nodes: no others have come yet", seen, e.nodes)
}

// mostTold is how many troubles are told at once.
const mostTold = 5

// told says troubles on one line, with their age.
func told(trouble []gossip.Trouble) string {
	var b strings.Builder
	for i, t := range trouble[:min(mostTold, len(trouble))] {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s, %v ago", t.Text, time.Since(t.When).Round(time.Second))
	}
	if more := len(trouble) - mostTold; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// texts are troubles for the log.
func texts(trouble []gossip.Trouble) (all []string) {
	for _, t := range trouble {
		all = append(all, t.Text)
	}
	return all
}

// Remark is what an operator should know of a node that is ready: what is wrong with its data
// directory, and that it has met no other node, and why. Empty if there is nothing.
func (n *Node) Remark() string {
	var all []string
	if words := n.diskRemark(); words != "" {
		all = append(all, words)
	}
	if seen, trouble := n.expect.seen(); seen < 2 && len(trouble) > 0 {
		all = append(all, "serving alone, no other node was met: "+told(trouble))
	}
	return strings.Join(all, "; ")
}

// unsighted is why no node that owns partitions is in sight.
func (n *Node) unsighted() error {
	if _, trouble := n.expect.seen(); len(trouble) > 0 {
		return fmt.Errorf("no node that owns partitions is in sight: %s", told(trouble))
	}
	return errors.New("no node that owns partitions is in sight")
}

// awaitNodes waits until enough nodes were seen, and notes in the data directory that this one
// knows its cluster. Without an expectation one other node is enough.
func (n *Node) awaitNodes(ctx context.Context) {
	want := max(n.expect.nodes, 2)
	late := time.NewTimer(n.config.JoinWait)
	defer late.Stop()
	for n.gossip.Seen() < want {
		select {
		case <-ctx.Done():
			return
		case <-n.gossip.Grown():
		case <-late.C:
			if err := n.expect.missing(n.config.Seeds); err != nil {
				n.log.Warn("not ready: too few nodes seen", "reason", err)
			}
		}
	}
	if n.expect.nodes > 1 && !n.expect.known {
		n.log.Info("as many nodes seen as expected", "nodes", n.gossip.Seen())
	}
	n.store.NoteCluster(n.config.ClusterName, n.gossip.Seen())
}
