package cluster

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// feed brings changes from owners to this node's sink, and from this host to other nodes' feeds.
//
//	sink ◀─ Deliver ── feed ◀── this host's outbox
//	                     ▲ ◀─── Events connection ◀── remoteSink ◀── that host's outbox
//	                     │
//	       dirty: partitions to be watched again, because they have another owner, or were moved,
//	              or their connection broke, or only a copy answered
//
// There is one recovery: watch again what the sink watches there, for all who watch it, and deliver what comes back. It
// also serves ids of which more exceptions changed at once than are told one by one.
// While there is no healthy connection for events, only glimpses of an owner can be had, by another
// way (see Node.call). They register nothing, so they are repeated for as long: a change is told a
// second late then. Passing events on through a third node would be faster, and a second kind of
// interest that could be lost; a broken link is rare, and its sockets are told to go elsewhere.
//
// An owner's views have an order of their own; so that those of two owners can be compared, each
// new owner of a partition begins an epoch, which is the high part of the Order that the sink sees.
// An epoch begins with the answer to a watch, which comes on the connection that brings the changes
// after it; what comes from anybody but the epoch's owner is dropped.
type feed struct {
	// static
	node  *Node
	sink  Sink
	local host.SinkID
	wake  chan struct{} // one slot

	mu       sync.Mutex
	epochs   []epoch // by partition
	dirty    map[int]struct{}
	asked    map[string]struct{} // ids to be asked about again: too many of their exceptions changed at once
	glimpsed map[int]struct{}    // partitions of which something was only glimpsed: dirty at the next tick
	remote   map[*link.Conn]*remoteSink
}

type epoch struct {
	source link.Name
	number uint32
	warmed bool // the gateway's devices were announced to this owner, who had lost them
}

// orderBits is how much of an Order is the owner's own count.
const orderBits = 40

const (
	watchTimeout = 1500 * time.Millisecond // of watching again; then it is tried again
	watchPause   = 50 * time.Millisecond
	maxPause     = 500 * time.Millisecond
)

func newFeed(n *Node) (*feed, error) {
	f := &feed{
		node: n, wake: make(chan struct{}, 1), epochs: make([]epoch, n.partitions),
		dirty: make(map[int]struct{}), asked: make(map[string]struct{}), glimpsed: make(map[int]struct{}), remote: make(map[*link.Conn]*remoteSink),
	}
	var err error
	f.local, err = n.host.AddSink(localSink{f})
	return f, err
}

// localSink takes what this host tells this node.
type localSink struct{ *feed }

func (l localSink) Deliver(updates []Update) { l.deliver(l.node.name, updates) }
func (l localSink) Evict(e Eviction)         { l.sink.Evict(e) }
func (l localSink) Moved(partitions []int)   { l.markDirty(partitions) }

// deliver hands on an owner's changes.
func (f *feed) deliver(source link.Name, updates []Update) {
	kept := updates[:0]
	f.mu.Lock()
	for _, u := range updates {
		e := f.epochs[f.node.partitionOf(u.ID)]
		if e.source != source {
			continue
		}
		u.View.Order = e.order(u.View.Order)
		for i := range u.Words {
			u.Words[i].Order = e.order(u.Words[i].Order)
		}
		if kept = append(kept, u); u.Ask {
			f.asked[u.ID] = struct{}{}
			poke(f.wake)
		}
	}
	f.mu.Unlock()
	if len(kept) > 0 {
		f.sink.Deliver(kept)
	}
}

func (e epoch) order(own uint64) uint64 {
	return uint64(e.number)<<orderBits | own&(1<<orderBits-1)
}

// adopt takes an owner's answer to a watch: it puts the views' orders into its epoch. f.mu is held.
func (f *feed) adopt(source link.Name, questions []Question, sights []Sight) {
	for i := range questions {
		s := &sights[i]
		if s.Answer < host.Glimpsed {
			continue
		}
		p := f.node.partitionOf(questions[i].ID)
		e := &f.epochs[p]
		if owner, _ := f.node.view.Load().Owner(p); e.source == owner && source != owner {
			f.dirty[p] = struct{}{} // a former owner's answer that comes late must not end the owner's epoch
			poke(f.wake)
			continue
		}
		if e.source != source {
			*e = epoch{source: source, number: e.number + 1}
		}
		s.View.Order = e.order(s.View.Order)
		if s.Answer == host.Warming && !e.warmed {
			e.warmed = true
			f.node.running.Go(func() { f.node.reannounceAll(p) })
		}
	}
}

// picked is what the sink knows somebody to have picked.
func (f *feed) picked(participant string) (p host.Picked) {
	if f.sink != nil {
		p.Override, p.Version = f.sink.Picked(participant)
	}
	return p
}

// Watch makes the sink hear of every change of what is asked about from now on, and answers how it is now. Watching what
// is watched already is harmless. sights has the length of questions; unknown is how many owners could not be asked: of
// these the Answer is 0.
func (n *Node) Watch(ctx context.Context, questions []Question, sights []Sight) (unknown int) {
	f := n.feed
	id := func(i int) string { return questions[i].ID }
	left := n.spread(ctx, len(questions), id, view.Readers, func(ctx context.Context, g group) []bool {
		return f.watchGroup(ctx, g, questions, sights)
	})
	for _, i := range left {
		sights[i] = Sight{}
		f.markDirty([]int{n.partitionOf(questions[i].ID)})
	}
	return len(left)
}

func (f *feed) watchGroup(ctx context.Context, g group, questions []Question, sights []Sight) []bool {
	mine := make([]Question, len(g.items))
	for j, i := range g.items {
		mine[j] = questions[i]
	}
	got := make([]Sight, len(mine))
	if g.at == f.node.name {
		f.node.host.Watch(f.local, mine, got, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.adopt(g.at, mine, got)
		})
	} else if err := f.askWatch(ctx, g.at, mine, got); err != nil {
		return nil
	}
	done := make([]bool, len(mine))
	for j, i := range g.items {
		if done[j] = got[j].Answered(); done[j] {
			sights[i] = got[j]
		}
		switch p := f.node.partitionOf(mine[j].ID); got[j].Answer {
		case host.Copied:
			f.markDirty([]int{p})
		case host.Glimpsed:
			f.markGlimpsed(p)
		}
	}
	return done
}

func (f *feed) askWatch(ctx context.Context, at link.Name, questions []Question, sights []Sight) error {
	for len(questions) > 0 {
		b, n := appendQuestions(questions)
		if err := f.askSome(ctx, at, b, questions[:n], sights[:n]); err != nil {
			return err
		}
		questions, sights = questions[n:], sights[n:]
	}
	return nil
}

// askSome sends one request, which asks questions.
func (f *feed) askSome(ctx context.Context, at link.Name, request []byte, questions []Question, sights []Sight) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return f.askAt(ctx, at, request, func(reply []byte) error {
		d := message.NewReader(reply)
		for i := range questions {
			sights[i] = readSight(d, len(questions[i].Viewers))
		}
		if err := d.End(); err != nil {
			return err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.adopt(at, questions, sights)
		return nil
	})
}

// askAt watches on this node's own connection for events, or glimpses by another way.
func (f *feed) askAt(ctx context.Context, at link.Name, payload []byte, take func(reply []byte) error) error {
	if c := f.events(f.node.view.Load(), at); c != nil {
		return c.Call(ctx, message.OpWatch, payload, take)
	}
	return f.node.call(ctx, at, link.Hot, message.OpGlimpse, payload, take)
}

// events is the healthy connection on which an owner tells this node of changes, or nil.
func (f *feed) events(v *view.View, owner link.Name) *link.Conn {
	if p := v.Peer(owner); p != nil {
		if c := p.Conn(link.Events); c != nil && c.Healthy() {
			return c
		}
	}
	return nil
}

// Unwatch ends the sink's interest in ids.
func (n *Node) Unwatch(ids []string) {
	v := n.view.Load()
	byOwner := make(map[link.Name][]string)
	for _, id := range ids {
		owner, _ := v.Owner(n.partitionOf(id))
		byOwner[owner] = append(byOwner[owner], id)
	}
	for owner, ids := range byOwner {
		if owner == n.name {
			n.host.Unwatch(n.feed.local, ids)
		} else if p := v.Peer(owner); p != nil {
			if c := p.Conn(link.Events); c != nil { // without one the interest has ended already
				_ = c.Push(message.OpUnwatch, message.AppendTexts(nil, ids))
			}
		}
	}
}

func (f *feed) markDirty(partitions []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range partitions {
		f.dirty[p] = struct{}{}
	}
	if len(partitions) > 0 {
		poke(f.wake)
	}
}

// look marks what has another owner, and what was watched at somebody who has gone.
func (f *feed) look(old, v *view.View) {
	f.mark(func(p int, source link.Name) bool {
		before, _ := old.Owner(p)
		now, ok := v.Owner(p)
		return ok && (now != before || source != (link.Name{}) && !v.Has(source))
	})
}

// mark marks those of which yes says so, by number and by who tells of it.
func (f *feed) mark(yes func(p int, source link.Name) bool) {
	var marked []int
	f.mu.Lock()
	for p := range f.epochs {
		if yes(p, f.epochs[p].source) {
			marked = append(marked, p)
		}
	}
	f.mu.Unlock()
	f.markDirty(marked)
}

// glimpseEvery is how often those are looked at again who cannot tell of changes.
const glimpseEvery = time.Second

func (f *feed) markGlimpsed(partition int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.glimpsed[partition] = struct{}{}
}

// markSilent marks what was glimpsed, and what is owned, or told of, by nodes that have no healthy
// connection for events.
func (f *feed) markSilent() {
	f.mu.Lock()
	again := slices.Collect(maps.Keys(f.glimpsed))
	clear(f.glimpsed)
	f.mu.Unlock()
	f.markDirty(again)
	v := f.node.view.Load()
	var silent []link.Name
	for _, p := range v.Links() {
		if f.events(v, p.Name()) == nil {
			silent = append(silent, p.Name())
		}
	}
	if len(silent) == 0 {
		return
	}
	f.mark(func(p int, source link.Name) bool {
		owner, ok := v.Owner(p)
		return ok && slices.Contains(silent, owner) || slices.Contains(silent, source)
	})
}

// run watches dirty partitions again.
func (f *feed) run(ctx context.Context) {
	wait := watchPause
	silent := time.NewTicker(glimpseEvery)
	defer silent.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-silent.C:
			f.markSilent()
		case <-f.wake:
		}
		f.mu.Lock()
		dirty, asked := maps.Clone(f.dirty), maps.Clone(f.asked)
		clear(f.dirty)
		clear(f.asked)
		f.mu.Unlock()
		if f.sink == nil || len(dirty)+len(asked) == 0 {
			continue
		}
		f.watchAgain(ctx, dirty, asked)
		f.mu.Lock()
		again := len(f.dirty)+len(f.asked) > 0
		f.mu.Unlock()
		if !again {
			wait = watchPause
			continue
		}
		pause(ctx, wait)
		wait = min(2*wait, maxPause)
	}
}

// opened takes a new connection for events: one that was dialed is watched over again, one that was accepted is a gateway. A gateway has
// one: an older one, which it has given up, ends.
func (f *feed) opened(c *link.Conn) {
	if c.Class() != link.Events {
		return
	}
	if ahead := c.Ahead(); ahead.Abs() > maxSkew {
		f.node.log.Error("a clock is off: what is stamped by the one that is ahead may be refused", "peer", c.Peer().ID, "ahead", ahead)
	}
	if c.Dialed() {
		f.lookAt(c.Peer())
		return
	}
	f.closeOlder(c.Peer())
	r := &remoteSink{conn: c}
	id, err := f.node.host.AddSink(r)
	if err != nil {
		f.node.log.Error("gateway refused", "peer", c.Peer().ID, "error", err)
		c.Close()
		return
	}
	r.id = id
	f.mu.Lock()
	f.remote[c] = r
	f.mu.Unlock()
}

func (f *feed) closeOlder(from link.Name) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.remote {
		if c.Peer() == from {
			c.Close()
		}
	}
}

// lookAt marks all that a node owns, or tells of: it may still serve what it doesn't own any more.
func (f *feed) lookAt(name link.Name) {
	v := f.node.view.Load()
	f.mark(func(p int, source link.Name) bool {
		owner, ok := v.Owner(p)
		return ok && owner == name || source == name
	})
}

func (f *feed) closed(c *link.Conn) {
	f.mu.Lock()
	r := f.remote[c]
	delete(f.remote, c)
	f.mu.Unlock()
	if r != nil {
		f.node.host.RemoveSink(r.id)
	}
}

func (f *feed) remoteOf(c *link.Conn) *remoteSink {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.remote[c]
}

// remoteSink is another node's feed, as this host sees it.
type remoteSink struct {
	conn *link.Conn
	id   host.SinkID
}

// Deliver is part of host.Sink.
func (r *remoteSink) Deliver(updates []Update) {
	for len(updates) > 0 {
		var b []byte
		n := 0
		for ; n < len(updates) && len(b) < maxBatch; n++ {
			b = appendUpdate(b, &updates[n])
		}
		_ = r.conn.Push(message.OpUpdates, b) // a connection that can't take it closes, and is watched over again
		updates = updates[n:]
	}
}

// Evict is part of host.Sink.
func (r *remoteSink) Evict(e Eviction) {
	b := codec.AppendText(codec.AppendText(nil, e.Participant), e.Device)
	_ = r.conn.Push(message.OpEviction, append(message.AppendUint64(b, uint64(e.Below)), byte(e.Reason)))
}

// Moved is part of host.Sink.
func (r *remoteSink) Moved(partitions []int) {
	_ = r.conn.Push(message.OpMoved, message.AppendPartitions(nil, partitions))
}

func (f *feed) unwatchFor(c *link.Conn, payload []byte) error {
	d := message.NewReader(payload)
	ids := d.Participants()
	if err := d.End(); err != nil {
		return err
	}
	if r := f.remoteOf(c); r != nil {
		f.node.host.Unwatch(r.id, ids)
	}
	return nil
}

func (f *feed) takeUpdates(from link.Name, payload []byte) error {
	d := message.NewReader(payload)
	var updates []Update
	for d.Left() > 0 {
		updates = append(updates, readUpdate(d))
	}
	if err := d.End(); err != nil {
		return err
	}
	f.deliver(from, updates)
	return nil
}

func (f *feed) takeEviction(payload []byte) error {
	d := message.NewReader(payload)
	e := Eviction{Participant: d.Participant(), Device: d.Device(), Below: shard.Version(d.Uint64()), Reason: EvictReason(d.Byte())}
	if err := d.End(); err != nil {
		return err
	}
	f.sink.Evict(e)
	return nil
}

func (f *feed) takeMoved(payload []byte) error {
	d := message.NewReader(payload)
	partitions := d.Partitions(f.node.partitions)
	if err := d.End(); err != nil {
		return err
	}
	f.markDirty(partitions)
	return nil
}
