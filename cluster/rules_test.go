package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// ownedBy is an id of somebody whom a node owns.
func (b *band) ownedBy(n *Node) string {
	v := n.view.Load()
	for i := 0; ; i++ {
		id := fmt.Sprintf("q%d", i)
		if owner, _ := v.Owner(n.partitionOf(id)); owner == n.name {
			return id
		}
	}
}

// keptBy is the id of somebody who is kept by these two.
func keptBy(owner, backup *Node) string {
	v := owner.view.Load()
	for i := 0; ; i++ {
		id := fmt.Sprint("someone", i)
		p := owner.partitionOf(id)
		if o, _ := v.Owner(p); o == owner.name && backupOf(v, p) == backup.name {
			return id
		}
	}
}

func subscribe(t *testing.T, n *Node, s *notebook, ids ...string) {
	t.Helper()
	s.mu.Lock()
	for _, id := range ids {
		s.watched[id] = true
	}
	s.mu.Unlock()
	questions, sights := make([]Question, len(ids)), make([]Sight, len(ids))
	for i, id := range ids {
		questions[i].ID = id
	}
	if unknown := n.Watch(t.Context(), questions, sights); unknown > 0 {
		t.Fatalf("%d of %v unknown", unknown, ids)
	}
	for i, id := range ids {
		s.Deliver([]Update{{ID: id, View: sights[i].View}})
	}
}

func attach(t *testing.T, n *Node, id, device string) *Attachment {
	t.Helper()
	at, err := n.Attach(t.Context(), id, device, shard.ActivityOnline)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestReplacedElsewhere: a device that connects through another gateway has its older socket closed
// there, without an event.
func TestReplacedElsewhere(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	subscribe(t, b.nodes[0], b.sinks[0], id)
	older := attach(t, b.nodes[0], id, "tab")
	newer := attach(t, b.nodes[1], id, "tab")
	await(t, "the older socket is evicted", func() bool {
		e := b.sinks[0].evictions()
		return len(e) == 1 && e[0].Device == "tab" && e[0].Reason == EvictReplaced && older.Session < e[0].Below &&
			newer.Session >= e[0].Below
	})
	ctx := t.Context()
	for what, err := range map[string]error{
		"detach":  b.nodes[0].Detach(ctx, older),
		"goodbye": b.nodes[0].Goodbye(ctx, older),
	} {
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("%s of the older session: %v", what, err)
		}
	}
	wantStates(t, b.nodes[1], []string{id}, shard.Online)
	if err := b.nodes[1].Beat(ctx, newer, shard.ActivityOnline); err != nil {
		t.Error(err)
	}
}

// TestSignedOutStaysOut: the open socket of a device that was signed out is closed at its next
// heartbeat, and brings nothing back.
func TestSignedOutStaysOut(t *testing.T) {
	b := newBand(t, 2)
	id := b.ownedBy(b.nodes[1])
	at := attach(t, b.nodes[0], id, "tab") // nobody watches: no eviction is sent
	if err := b.nodes[1].SignOut(t.Context(), id, "tab"); err != nil {
		t.Fatal(err)
	}
	if err := b.nodes[0].Beat(t.Context(), at, shard.ActivityOnline); err != nil && !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	await(t, "the heartbeat is answered by an eviction", func() bool {
		e := b.sinks[0].evictions()
		return len(e) == 1 && e[0].Reason == EvictSignedOut
	})
	wantStates(t, b.nodes[0], []string{id}, shard.Offline)
}

// TestHandlesDontOutliveTheOwner: a heartbeat by a handle of an owner that has gone announces the
// device to the next one.
func TestHandlesDontOutliveTheOwner(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	at := attach(t, b.nodes[0], id, "tab")
	gone := b.nodes[2]
	b.crash(gone)
	b.agree()
	if err := b.nodes[0].Beat(t.Context(), at, shard.ActivityIdle); err != nil {
		t.Fatal(err)
	}
	if at.owner == gone.name {
		t.Error("the handle is still the old owner's")
	}
	wantStates(t, b.nodes[1], []string{id}, shard.Idle)
}

// TestChangesCrossNodes: a watcher hears of a change made through any node, before and after the
// owner went.
func TestChangesCrossNodes(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[2])
	subscribe(t, b.nodes[0], b.sinks[0], id)
	see := func(n *Node, o shard.Override, want shard.State) {
		t.Helper()
		pick(t, n, id, o)
		await(t, fmt.Sprint("seen ", want), func() bool { return b.sinks[0].sees(id) == want })
	}
	attach(t, b.nodes[1], id, "tab")
	see(b.nodes[1], shard.OverrideBusy, shard.Busy)
	see(b.nodes[2], shard.OverrideAuto, shard.Online)
	b.crash(b.nodes[2])
	see(b.nodes[1], shard.OverrideAppearOffline, shard.Offline)
	see(b.nodes[1], shard.OverrideBusy, shard.Busy)
	joined := b.add() // takes its share; the watch follows
	b.agree()
	see(joined, shard.OverrideAuto, shard.Online)
}

// TestAcknowledgedIsHeldByTwo: an override whose backup doesn't take it is not acknowledged.
func TestAcknowledgedIsHeldByTwo(t *testing.T) {
	b := newBand(t, 2)
	id := b.ownedBy(b.nodes[0])
	pick(t, b.nodes[0], id, shard.OverrideBusy)
	if r, ok := b.nodes[1].host.Inspect("", id, false); !ok || r.Override != shard.OverrideBusy {
		t.Fatalf("the backup holds %+v, %v", r, ok)
	}
	b.nodes[1].unlink() // it is a member, but takes nothing
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	if err := b.nodes[0].SetOverride(ctx, id, shard.OverrideAuto, time.Time{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("acknowledged by one node: %v", err)
	}
}

// TestBothSidesOfAMessage: a direct message touches two partitions, on two nodes.
func TestBothSidesOfAMessage(t *testing.T) {
	b := newBand(t, 3)
	ada, ben := b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1])
	for _, id := range []string{ada, ben} {
		attach(t, b.nodes[2], id, "tab")
		pick(t, b.nodes[2], id, shard.OverrideAppearOffline)
	}
	errs := make([]error, 1)
	b.nodes[2].DirectMessages(t.Context(), []DirectMessage{{ada, ben, time.Now()}}, errs)
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	b.crash(b.nodes[0]) // the windows are held by two
	b.agree()
	for viewer, other := range map[string]string{ada: ben, ben: ada, "stranger": ada} {
		want := shard.Online
		if viewer == "stranger" {
			want = shard.Offline
		}
		states := make([]shard.State, 1)
		b.nodes[1].States(t.Context(), viewer, []string{other}, states)
		if states[0] != want {
			t.Errorf("%s sees %s %v, want %v", viewer, other, states[0], want)
		}
	}
}

// TestHalfAMessageIsFinished: a message of which one side could not be stored, whichever it was, is
// completed without the caller.
func TestHalfAMessageIsFinished(t *testing.T) {
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprintf("first=%v", first), func(t *testing.T) { halfAMessage(t, first) })
	}
}

func halfAMessage(t *testing.T, first bool) {
	b := newBand(t, 2)
	ada, ben := b.ownedBy(b.nodes[0]), b.ownedBy(b.nodes[1])
	for _, id := range []string{ada, ben} {
		attach(t, b.nodes[0], id, "tab")
		pick(t, b.nodes[0], id, shard.OverrideAppearOffline)
	}
	sees := func(viewer, id string) shard.State {
		states := make([]shard.State, 1)
		b.nodes[0].States(t.Context(), viewer, []string{id}, states)
		return states[0]
	}
	// While it waits for the other node to see the same, it goes on holding what it holds. Gossip
	// must not give it another view meanwhile.
	b.nodes[1].members.mu.Lock()
	seen := b.nodes[1].view.Load()
	other := *seen
	other.Key++
	b.nodes[1].view.Store(&other)
	b.nodes[1].host.Hold(b.nodes[1].partitionOf(ben))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	errs, dm := make([]error, 1), DirectMessage{ada, ben, time.Now()}
	if first {
		dm.A, dm.B = ben, ada
	}
	b.nodes[0].DirectMessages(ctx, []DirectMessage{dm}, errs)
	b.nodes[1].view.Store(seen)
	b.nodes[1].members.mu.Unlock()
	if !errors.Is(errs[0], ErrUnavailable) {
		t.Fatalf("the side of one whose owner is away was stored: %v", errs[0])
	}
	await(t, "both see each other", func() bool {
		return sees(ben, ada) == shard.Online &&
			sees(ada, ben) == shard.Online
	})
}

// TestOneConnectionOfAGateway: one that a gateway has given up doesn't take up a place until it is
// noticed.
func TestOneConnectionOfAGateway(t *testing.T) {
	b := newBand(t, 2)
	gateway, owner := b.nodes[0], b.nodes[1]
	older := gateway.view.Load().Peer(owner.name).Conn(link.Events)
	p := link.Dial(&gateway.local, owner.name, owner.config.Listener.Addr().String())
	defer p.Close()
	await(t, "the older one ends", func() bool {
		return gateway.view.Load().Peer(owner.name).Conn(link.Events) != older
	})
}

// TestClockOfMost: a node whose clock differs from that of most others doesn't join; if another's
// does, it does.
func TestClockOfMost(t *testing.T) {
	for _, tc := range []struct {
		skews []time.Duration
		fits  bool
	}{
		{nil, true},
		{[]time.Duration{5 * time.Second}, true},
		{[]time.Duration{-time.Minute}, false},
		{[]time.Duration{time.Minute}, false},
		{[]time.Duration{time.Minute, 0}, true},
		{[]time.Duration{time.Minute, 0, time.Minute}, false},
	} {
		if err := judge(tc.skews); (err == nil) != tc.fits || err != nil && !errors.Is(err, ErrClock) {
			t.Errorf("%v: %v", tc.skews, err)
		}
	}
}

// TestDrainLosesNothing: a node that leaves has handed over all, and what it handed over is backed
// up, before it goes.
func TestDrainLosesNothing(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 200)
	for _, id := range ids[:50] {
		pick(t, b.nodes[0], id, shard.OverrideBusy)
	}
	leaving := b.nodes[1]
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := leaving.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for p := range testPartitions {
		if role := leaving.host.Role(p); role != host.Absent {
			t.Errorf("partition %d is %v at the node that left", p, role)
		}
	}
	b.crash(leaving)
	b.agree()
	b.crash(b.nodes[0]) // the survivor is enough
	b.agree()
	wantStates(t, b.nodes[0], ids[:50], shard.Busy)
	wantStates(t, b.nodes[0], ids[50:], shard.Online)
}

// TestLostTogetherIsUnknown: what owner and backup took with them is unknown, not offline, and who
// is connected is announced again.
func TestLostTogetherIsUnknown(t *testing.T) {
	t.Parallel() // it waits for most of its time
	for _, tidied := range []bool{true, false} {
		t.Run(fmt.Sprintf("tidied=%v", tidied), func(t *testing.T) { lostTogether(t, tidied) })
	}
}

// lostTogether has a survivor that has nothing, or what it was left behind with when others joined.
func lostTogether(t *testing.T, tidied bool) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 300)
	v := b.nodes[0].view.Load()
	var lost, kept []string
	for _, id := range ids {
		p := b.nodes[0].partitionOf(id)
		owner, _ := v.Owner(p)
		backup, _ := v.Backup(p)
		if owner != b.nodes[0].name && backup != b.nodes[0].name {
			lost = append(lost, id)
		} else {
			kept = append(kept, id)
		}
	}
	if tidied {
		await(t, "it has nothing that it doesn't need", func() bool { return unneeded(b.nodes[0]) == 0 })
	}
	connected := lost[0]
	attach(t, b.nodes[0], connected, "tab")
	hidden := lost[1]
	attach(t, b.nodes[0], hidden, "tab")
	pick(t, b.nodes[0], hidden, shard.OverrideAppearOffline)
	subscribe(t, b.nodes[0], b.sinks[0], connected, hidden)
	one, two := b.nodes[1], b.nodes[2]
	done := make(chan struct{})
	go func() {
		b.nodes[2].stopAtOnce()
		close(done)
	}()
	one.stopAtOnce()
	<-done
	b.crash(one)
	b.crash(two)
	survivor := b.nodes[0]
	neverSeen := make(chan struct{})
	agreed := make(chan struct{})
	go func() { // who hides is not seen for a moment
		defer close(neverSeen)
		for {
			select {
			case <-agreed:
				return
			default:
				wantHidden(t, survivor, hidden)
			}
		}
	}()
	b.agree()
	wantStates(t, b.nodes[0], kept, shard.Online)
	await(t, "who hides is announced again, and hides", func() bool {
		r, err := b.nodes[0].Inspect(t.Context(), hidden, hidden, false)
		return err == nil && r.Self == shard.AppearOffline
	})
	close(agreed)
	<-neverSeen
	await(t, "who is connected is announced again", func() bool {
		states := make([]shard.State, 1)
		b.nodes[0].States(t.Context(), "", []string{connected}, states)
		return states[0] == shard.Online
	})
	for _, id := range lost[2:] {
		if p := b.nodes[0].partitionOf(id); p != b.nodes[0].partitionOf(connected) &&
			p != b.nodes[0].partitionOf(hidden) {
			wantStates(t, b.nodes[0], []string{id}, shard.Unknown)
		}
	}
}

func wantHidden(t *testing.T, n *Node, id string) {
	states := make([]shard.State, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if n.States(ctx, "", []string{id}, states); states[0] != shard.Offline && states[0] != shard.Unknown {
		t.Errorf("%s, who hides, is seen %v", id, states[0])
	}
}

// stopAtOnce takes a node off the network without telling anybody.
func (n *Node) stopAtOnce() {
	n.stop()
	n.loops.Wait()
	n.replica.Close()
	n.unlink()
}

// unlink ends all links of a node; it stays a member.
func (n *Node) unlink() {
	n.server.Close()
	for _, p := range n.view.Load().Links() {
		p.Close()
	}
}

// TestRestartedBeforeNoticed: a node that dies and is back before anybody has noticed owns what it
// owned, and knows nothing; its backups do, and nobody is gone.
func TestRestartedBeforeNoticed(t *testing.T) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 300)
	for _, id := range ids[:30] {
		pick(t, b.nodes[0], id, shard.OverrideBusy)
	}
	b.crash(b.nodes[1])
	if _, err := b.tryAddNamed("n1"); err != nil {
		t.Fatal(err)
	}
	b.agree()
	for _, n := range b.nodes {
		wantStates(t, n, ids[:30], shard.Busy)
		wantStates(t, n, ids[30:], shard.Online)
	}
}

// TestNewClusterIsSure: a cluster that nobody was ever in says offline at once.
func TestNewClusterIsSure(t *testing.T) {
	b := newBand(t, 3)
	wantStates(t, b.nodes[1], []string{"a", "b", "c", "d", "e", "f"}, shard.Offline)
}

// TestTwinIsRefused: a node whose name is in use says so and doesn't join.
func TestTwinIsRefused(t *testing.T) {
	b := newBand(t, 2)
	second := b.nodes[1]
	b.nodes = b.nodes[:1] // so that the next one is n1 again
	twin, err := b.tryAdd()
	b.nodes = append(b.nodes[:1], second)
	if !errors.Is(err, ErrTwin) {
		t.Errorf("a second n1: %v", err)
	}
	_ = twin.Close()
}

// deaf is a listener that hangs up on everybody.
type deaf struct{ net.Listener }

func (d deaf) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err == nil {
		_ = c.Close()
	}
	return c, err
}

// TestNoRingWithoutLinks: a node that others gossip with, but that can't reach them, or not be
// reached by them, as with a wrong certificate or a closed port, doesn't serve.
func TestNoRingWithoutLinks(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 2)
	for what, change := range map[string]func(p *Peers){
		"reaches nobody": func(p *Peers) {
			p.Dial = func(context.Context, string, string) (net.Conn, error) {
				return nil,
					errors.New("a wrong certificate")
			}
		},
		"is reached by nobody": func(p *Peers) { p.Listener = deaf{p.Listener} },
	} {
		n, err := b.tryAddWith("other", change)
		if !errors.Is(err, ErrUnlinked) {
			t.Errorf("a node that %s: %v", what, err)
		}
		_ = n.Close()
		b.agree()
	}
}

// TestOneBootCounts: of two boots of one node the one that serves counts, and of two of these the
// newer.
func TestOneBootCounts(t *testing.T) {
	m := func(boot string, s gossip.State) gossip.Member {
		x := gossip.Member{State: s}
		x.Name.ID, x.Name.Boot = "a", boot
		return x
	}
	for _, tc := range []struct {
		members []gossip.Member
		want    string
	}{
		{[]gossip.Member{m("1", gossip.Serving), m("2", gossip.Joining)}, "1"},
		{[]gossip.Member{m("1", gossip.Serving), m("2", gossip.Serving)}, "2"},
		{[]gossip.Member{m("1", gossip.Joining), m("2", gossip.Joining)}, "2"},
		{[]gossip.Member{m("1", gossip.Draining), m("2", gossip.Serving)}, "2"},
	} {
		v := view.New(tc.members, 16, nil)
		if len(v.Members) != 1 || v.Members[0].Name.Boot != tc.want {
			t.Errorf("of %v counts %v", tc.members, v.Members)
		}
	}
}
