package cluster

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// TestJoinTime, in virtual time: a node that joins dials others which have not heard of it yet, and
// they hold it until they have. That must not be felt, also where packets get lost.
func TestJoinTime(t *testing.T) {
	for _, lost := range []float64{0, 0.2} {
		t.Run(fmt.Sprint(lost, " lost"), func(t *testing.T) {
			var took []time.Duration
			synctest.Test(t, func(t *testing.T) { took = joins(t, lost) })
			slices.Sort(took)
			last := len(took) - 1
			t.Logf("one more node joins in %v to %v, %v at the median, %v at 90 %%", took[0], took[last], took[last/2],
				took[last*9/10])
			if took[last/2] > 750*time.Millisecond || took[last*9/10] > 2*time.Second {
				t.Errorf("too slow: %v", took)
			}
		})
	}
}

// joins is how long each of ten nodes takes to join those before it.
func joins(t *testing.T, lost float64) (took []time.Duration) {
	net := memnet.New(1, memnet.Quality{Latency: time.Millisecond, Jitter: time.Millisecond, Drop: lost})
	defer time.Sleep(10 * time.Second) // for probes that are under way at the end
	for i := range 10 {
		n := hosted(t, net, i, testPartitions)
		defer n.Close()
		start := time.Now()
		if err := n.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			took = append(took, time.Since(start))
		}
		time.Sleep(2 * time.Second)
	}
	return took
}

// hosted is a node at a host of its own.
func hosted(t *testing.T, net *memnet.Network, i, partitions int) *Node {
	t.Helper()
	address := fmt.Sprintf("10.0.0.%d", i+1)
	host := net.Host(address)
	peers, err := host.Listen(7947)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := host.Gossip(7946)
	if err != nil {
		t.Fatal(err)
	}
	p := &Peers{
		Role: "all", Listener: peers, GossipListen: address + ":7946", ClusterName: "test", JoinWait: 5 * time.Second,
		Transport: transport, Dial: host.Dial,
	}
	if i > 0 {
		p.Seeds = []string{"10.0.0.1:7946"}
	}
	n, err := New(Config{NodeID: fmt.Sprint("n", i), Partitions: partitions, Settings: DefaultSettings(), Peers: p})
	if err != nil {
		t.Fatal(err)
	}
	n.SetSink(&notebook{})
	n.Start()
	return n
}
