package gossip

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// TestForeignSeeds: seeds that are this node alone, however they are written, name no node to look
// for.
func TestForeignSeeds(t *testing.T) {
	names := map[string][]string{
		"both": {"127.0.0.1", "::1"}, "alone": {"127.0.0.1"}, "all": {"127.0.0.1", "10.9.9.9"}, "other": {"10.9.9.9"},
	}
	c := config("a")
	c.Lookup = func(_ context.Context, name string) ([]string, error) {
		if ips := names[name]; ips != nil {
			return ips, nil
		}
		return nil, errors.New("no such host")
	}
	g := start(t, c)
	_, port, err := net.SplitHostPort(g.Address())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		seeds []string
		want  bool
	}{
		{nil, false},
		{[]string{"127.0.0.1:" + port}, false},
		{[]string{"[::ffff:127.0.0.1]:" + port}, false},
		{[]string{"alone:" + port}, false},
		{[]string{"both:" + port}, false}, // ::1 is this machine's as well, and the name stands for it
		{[]string{"[::1]:" + port}, true},
		{[]string{"127.0.0.1:1"}, true},
		{[]string{"alone:1"}, true},
		{[]string{"all:" + port}, true},
		{[]string{"other:" + port}, true},
		{[]string{"none:" + port}, true},
		{[]string{"alone:" + port, "none:" + port}, true},
		{[]string{"no port"}, true},
	} {
		g.config.Seeds = tc.seeds
		if got := g.ForeignSeeds(t.Context()); got != tc.want {
			t.Errorf("%q: foreign %v", tc.seeds, got)
		}
	}
}

// TestSeedOfEveryAddress: a node that listens on every address knows each of this machine's for its
// own. An address that it could not know, such as that of a service, it knows once it has met
// itself there.
func TestSeedOfEveryAddress(t *testing.T) {
	c := config("a")
	c.Bind, c.Advertise = "0.0.0.0:0", "10.9.9.9"
	g := start(t, c)
	_, port, err := net.SplitHostPort(g.Address())
	if err != nil {
		t.Fatal(err)
	}
	g.config.Seeds = []string{"127.0.0.1:" + port}
	if g.ForeignSeeds(t.Context()) {
		t.Error("an address of this machine is foreign")
	}
	g.config.Seeds = []string{"127.0.0.2:" + port} // goes to loopback, and isn't listed
	if !g.ForeignSeeds(t.Context()) {
		t.Fatal("an unknown address is not foreign")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if found, err := g.Join(ctx); found || err != nil || ctx.Err() != nil {
		t.Errorf("found another node: %v, %v, %v", found, err, ctx.Err())
	}
	if g.ForeignSeeds(t.Context()) || g.Seen() != 1 {
		t.Errorf("foreign, or seen %d", g.Seen())
	}
}

// TestLeavingNodeIsNotOneself: joining a node that leaves succeeds, and then there is no other
// node, as after joining oneself.
func TestLeavingNodeIsNotOneself(t *testing.T) {
	b := start(t, config("b"))
	if err := b.list.Leave(time.Second); err != nil {
		t.Fatal(err)
	}
	a := start(t, config("a", b.Address()))
	if err := a.joinOne(b.Address()); err != nil || !a.ForeignSeeds(t.Context()) {
		t.Errorf("%v, foreign %v", err, a.ForeignSeeds(t.Context()))
	}
}

// TestUnresolvedSeedsAreWaitedFor: while a name does not resolve the node does not take itself for
// the only one.
func TestUnresolvedSeedsAreWaitedFor(t *testing.T) {
	c := config("a")
	c.Lookup = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
	g := start(t, c)
	g.config.Seeds = []string{g.Address(), "n2:1"}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if found, err := g.Join(ctx); found || err != nil || ctx.Err() == nil {
		t.Errorf("found another node: %v, %v, and stopped looking: %v", found, err, ctx.Err() == nil)
	}
}

func TestSeen(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		a := hosted(t, net.Host("10.0.0.1"), config("a"))
		if a.Seen() != 1 {
			t.Errorf("alone: seen %d", a.Seen())
		}
		b := met(t, hosted(t, net.Host("10.0.0.2"), config("b", a.Address())))
		await(t, a, "a~1 joining", "b~1 joining")
		<-a.Grown()
		if err := b.Leave(); err != nil {
			t.Fatal(err)
		}
		await(t, a, "a~1 joining")
		if a.Seen() != 2 {
			t.Errorf("seen %d when b has left", a.Seen())
		}
		again := config("b", a.Address())
		again.Name.Boot = "2"
		met(t, hosted(t, net.Host("10.0.0.3"), again))
		await(t, a, "a~1 joining", "b~2 joining")
		if a.Seen() != 2 {
			t.Errorf("after two boots of b: seen %d", a.Seen())
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.seen = 3 // as if there had been one more
		if a.count(); a.seen != 3 {
			t.Errorf("of three, %d were seen after one has left", a.seen)
		}
	})
}

// TestNameToListenOn: to memberlist a name is every address.
func TestNameToListenOn(t *testing.T) {
	c := config("a")
	c.Bind = "localhost:0"
	g := start(t, c)
	if host, _, _ := net.SplitHostPort(g.Address()); host != "127.0.0.1" || g.Members()[0].Peer != "127.0.0.1:1" {
		t.Errorf("gossips at %s, peers at %s", g.Address(), g.Members()[0].Peer)
	}
	if got := listened([]string{"::1", "127.0.0.1"}); got != "127.0.0.1" {
		t.Errorf("of two families %s is taken", got)
	}
	for _, bind := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		c.Bind = bind
		if g, err := New(c); err == nil {
			t.Errorf("%s was taken, and %s is what others dial", bind, g.Members()[0].Peer)
			_ = g.Close()
		}
	}
}

func TestNowhere(t *testing.T) {
	c := config("a")
	c.Transport = Nowhere()
	g := start(t, c)
	if err := g.SetState(Serving); err != nil {
		t.Error(err)
	}
	await(t, g, "a~1 serving")
	if err := g.Leave(); err != nil {
		t.Error(err)
	}
}
