package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// static
	nodes  int  // none: 0
	known  bool // by the data directory
	seeds  []string
	wait   time.Duration
	gossip *atomic.Pointer[gossip.Gossip] // nil before Join: Ready is asked at any time
	log    *slog.Logger
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
func (e *expectation) missing() error {
	seen, trouble := e.seen()
	switch {
	case e.known || seen >= e.nodes:
		return nil
	case len(trouble) > 0:
		return fmt.Errorf("seen %d of %d nodes: %s", seen, e.nodes, told(trouble))
	case seen == 1 && len(e.seeds) == 0:
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

// remark says that this node has met no other one, and why. Empty if it has, or looks for none.
func (e *expectation) remark() string {
	if seen, trouble := e.seen(); seen < 2 && len(trouble) > 0 {
		return "serving alone, no other node was met: " + told(trouble)
	}
	return ""
}

// unsighted is why no node that owns partitions is in sight.
func (e *expectation) unsighted() error {
	if _, trouble := e.seen(); len(trouble) > 0 {
		return fmt.Errorf("no node that owns partitions is in sight: %s", told(trouble))
	}
	return errors.New("no node that owns partitions is in sight")
}

// await waits until enough nodes were seen, and reports whether they were. Without an expectation
// one other node is enough.
func (e *expectation) await(ctx context.Context) bool {
	g := e.gossip.Load()
	late := time.NewTimer(e.wait)
	defer late.Stop()
	for g.Seen() < max(e.nodes, 2) {
		select {
		case <-ctx.Done():
			return false
		case <-g.Grown():
		case <-late.C:
			if err := e.missing(); err != nil {
				e.log.Warn("not ready: too few nodes seen", "reason", err)
			}
		}
	}
	if e.nodes > 1 && !e.known {
		e.log.Info("as many nodes seen as expected", "nodes", g.Seen())
	}
	return true
}
