package abuse

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// newCluster starts three nodes, and waits until they are linked. The first is the one that is
// attacked.
func newCluster(t *testing.T, first setting) []*node {
	t.Helper()
	addrs, err := target.Ports(12)
	if err != nil {
		t.Fatal(err)
	}
	seeds := strings.Join([]string{addrs[3], addrs[7], addrs[11]}, ",")
	var nodes []*node
	for i := range 3 {
		at, s := addrs[4*i:4*i+4], setting{}
		if i == 0 {
			s = first
		}
		s.flags = append(s.flags, fmt.Sprintf("--node-id=n%d", i+1), "--peer-listen="+at[2], "--gossip-listen="+at[3],
			"--join="+seeds, "--expect-nodes=3")
		nodes = append(nodes, launch(t, at, s))
	}
	for _, n := range nodes {
		n.awaitReady(t)
		n.awaitLinked(t)
	}
	return nodes
}

func (n *node) awaitLinked(t *testing.T) {
	t.Helper()
	for begun := time.Now(); n.linked() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("%v\n%s", n.linked(), n.log.head(4000))
		}
	}
}

// linked returns what is missing until the node sees both others, with all links to them.
func (n *node) linked() error {
	var all [2]float64
	for i, name := range []string{"presence_members", "presence_peer_links_missing"} {
		ctx, cancel := context.WithTimeout(context.Background(), sized().patience)
		defer cancel()
		var err error
		if all[i], err = n.Metric(ctx, name); err != nil {
			return err
		}
	}
	const seenAndExpected = 3 + 3
	if all[0] != seenAndExpected || all[1] != 0 {
		return fmt.Errorf("members seen and expected %v, links missing %v", all[0], all[1])
	}
	return nil
}
