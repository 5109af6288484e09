package cluster

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/codec"
)

// replica keeps the backups of the partitions that this node serves. Of each partition it knows who its backup is and what
// that has not been sent:
//
//	host ── Put(records) ─▶ pending ──▶ stream of that backup: one call under way, of all that waits ──▶ held
//	                        or fill ──▶ (a snapshot instead, when the backup has nothing to apply records to)
//
// An acknowledgement waits until held has reached what was put before. What a backup did not take turns into a fill, which is tried
// again while everything else goes on.
//
// A fact waits only while there is hope. A backup that is silent may have died, and then another
// one comes. One that answers pulses and not calls is slow, one that answers gossip alone is cut
// off and stays on the ring for longer than anybody waits, and one whose disk is slow or has
// failed has the fact in memory only. For those nobody waits: the fact is refused.
type replica struct {
	// static
	node    *Node
	running sync.WaitGroup

	failures atomic.Int64
	turned   atomic.Int64 // facts refused: no place to wait, or no hope

	mu      sync.Mutex
	number  uint64 // of the last call
	parts   []replicated
	streams map[link.Name]*stream
	closed  bool
	flips   int // that wait, whatever for
}

// replicated is a partition's backup. The zero value is of one that isn't served here: nothing of it is acknowledged.
type replicated struct {
	target  link.Name // zero: there is none
	synced  bool      // the target has taken everything once, since it was assigned or refilled; or there is none
	fill    bool      // it needs everything
	queued  bool      // on its stream's list, or among what that tries again
	pending []byte    // records
	put     uint64    // records made
	got     uint64    // of these, how many the target has in memory
	held    uint64    // of these, how many it has on its disk too, if it has one
	waiters []waiter  // by ascending want
}

// settled reports whether the target has all in memory, or there is none.
func (p *replicated) settled() bool { return p.synced && p.got >= p.put }

// kept reports whether the target has all for good, or there is none.
func (p *replicated) kept() bool { return p.synced && p.held >= p.put }

// verdict is what came of waiting for a backup.
type verdict byte

const (
	missed  verdict = iota // it may not have it: the time was over, or the partition isn't served here any more
	has                    // it has it
	refused                // it will not have it in time: nobody waits for it
)

type waiter struct {
	want uint64
	fact bool         // it must be held, not only got
	done chan verdict // one slot
}

// stream is what goes to one backup.
type stream struct {
	target  link.Name
	wake    chan struct{}
	stop    context.CancelFunc
	dirty   []int  // partitions
	refused []int  // of these, what the target did not take: tried again after a while
	waiting int    // facts
	call    uint64 // the number of the one under way; 0: none is
	slow    bool   // it has answered pulses, and a call not for slowAfter, or it is cut off
}

// Pauses before what wasn't taken is sent again.
const (
	firstRetry = 20 * time.Millisecond
	lastRetry  = 500 * time.Millisecond
)

// maxPending is how many bytes of records may wait for a partition's backup before a snapshot is cheaper.
const maxPending = 1 << 20

// maxBatch is about how large one call gets.
const maxBatch = 1 << 20

const (
	// slowAfter is for how long a call may go unanswered before its target is slow.
	slowAfter = 800 * time.Millisecond
	// replicateTimeout is for one call. What is under way on a link that has just broken is sent
	// again by another way after that.
	replicateTimeout = 2 * time.Second
	// maxWaiting is how many facts may wait for one backup.
	maxWaiting = 1024
	// maxFlips is how many joins, leaves and flips may wait: fewer than a connection has places.
	maxFlips = 512
)

func newReplica(n *Node, partitions int) *replica {
	return &replica{node: n, parts: make([]replicated, partitions), streams: make(map[link.Name]*stream)}
}

// Put takes records from the host, under the partition's lock.
func (r *replica) Put(partition int, records []byte) {
	r.node.store.Records(partition, records)
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	p.put++
	switch {
	case p.target == (link.Name{}):
		if p.synced {
			p.got, p.held = p.put, p.put
		}
		return
	case !p.fill:
		p.pending = append(p.pending, records...)
		if len(p.pending) > maxPending {
			p.pending, p.fill = nil, true
		}
	}
	r.queue(partition)
}

// queue puts a partition on its stream's list. r.mu is held.
func (r *replica) queue(partition int) {
	p := &r.parts[partition]
	s := r.streams[p.target]
	if s == nil || p.queued {
		return
	}
	p.queued = true
	s.dirty = append(s.dirty, partition)
	poke(s.wake)
}

// assign says who the backup of a partition is that is served here; zero: there is none. Another one than before is filled, and one
// that was out of sight in between.
func (r *replica) assign(partition int, target link.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	none := target == (link.Name{})
	known := none && p.synced || !none && r.streams[target] != nil
	if r.closed || p.target == target && known {
		return
	}
	p.target, p.pending, p.queued = target, nil, false
	p.fill, p.synced, p.got, p.held = !none, none, 0, 0
	if none {
		r.reached(p, p.put, p.put)
		return
	}
	if r.streams[target] == nil {
		r.start(target)
	}
	r.queue(partition)
}

// refill has backups sent everything once more.
func (r *replica) refill(partitions []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range partitions {
		if p := &r.parts[n]; p.target != (link.Name{}) {
			r.fillAgain(n)
			r.queue(n)
		}
	}
}

// fillAgain: the target may lack something. r.mu is held.
func (r *replica) fillAgain(partition int) {
	p := &r.parts[partition]
	p.synced, p.fill, p.pending = false, true, nil
}

// release ends the replication of a partition that isn't served any more. Who waits for it is told so, and can ask its next owner.
func (r *replica) release(partition int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	for _, w := range p.waiters {
		w.done <- missed
	}
	p.waiters = nil
	p.target, p.synced, p.fill, p.queued, p.pending = link.Name{}, false, false, false, nil
}

func (r *replica) start(target link.Name) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{target: target, wake: make(chan struct{}, 1), stop: cancel}
	r.streams[target] = s
	r.running.Go(func() { r.run(ctx, s) })
}

// keep ends the streams to nodes that have gone.
func (r *replica) keep(v *view.View) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, s := range r.streams {
		if !v.Has(name) {
			s.stop()
			delete(r.streams, name)
		}
	}
}

func (r *replica) close() {
	r.mu.Lock()
	r.closed = true
	for _, s := range r.streams {
		s.stop()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// settled says whether a partition is served here and target, as its backup, has all of it; with the zero target, that there is none.
func (r *replica) settled(partition int, target link.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	return p.target == target && p.settled()
}

// isSettled reports whether the backup has all of a partition in memory, or there is none.
func (r *replica) isSettled(partition int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[partition].settled()
}

// backup is the backup that a partition has; zero: there is none.
func (r *replica) backup(partition int) link.Name {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[partition].target
}

// isBackup says whether a node is the backup that a partition has.
func (r *replica) isBackup(partition int, name link.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[partition].target == name
}

// waitFlip waits until the backup has in memory what was put so far, or ctx ends.
func (r *replica) waitFlip(ctx context.Context, partition int) verdict {
	return r.wait(ctx, partition, false)
}

// waitFact waits until the backup has it for good, or ctx ends, or there is no hope that it will in
// time.
func (r *replica) waitFact(ctx context.Context, partition int) verdict {
	v := r.wait(ctx, partition, true)
	if v == refused {
		r.turned.Add(1)
	}
	return v
}

func (r *replica) wait(ctx context.Context, partition int, fact bool) verdict {
	r.mu.Lock()
	p := &r.parts[partition]
	s := r.streams[p.target]
	if p.kept() || !fact && p.settled() {
		r.mu.Unlock()
		return has
	}
	if s != nil && s.hopeless(p, fact) {
		if fact && p.settled() && !s.slow { // on its disk it isn't, and no record may come that would tell
			r.fillAgain(partition)
			r.queue(partition)
		}
		r.mu.Unlock()
		return refused
	}
	if !fact && r.flips >= maxFlips {
		r.mu.Unlock()
		return refused
	}
	w := waiter{p.put, fact, make(chan verdict, 1)}
	p.waiters = append(p.waiters, w)
	r.count(s, fact, 1)
	r.mu.Unlock()
	select {
	case v := <-w.done:
		r.leave(s, p, w)
		return v
	case <-ctx.Done():
		return r.leave(s, p, w)
	}
}

// hopeless reports whether a wait is in vain, or one too many. r.mu is held.
func (s *stream) hopeless(p *replicated, fact bool) bool {
	return s.slow || fact && (s.waiting >= maxWaiting || p.settled())
}

// leave ends a wait, and returns its verdict if that has come in the same moment.
func (r *replica) leave(s *stream, p *replicated, w waiter) verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count(s, w.fact, -1)
	p.waiters = slices.DeleteFunc(p.waiters, func(o waiter) bool { return o.done == w.done })
	select {
	case v := <-w.done:
		return v
	default:
		return missed
	}
}

// count counts the facts that wait for a stream's target. r.mu is held.
func (r *replica) count(s *stream, fact bool, n int) {
	if !fact {
		r.flips += n
	} else if s != nil {
		s.waiting += n
	}
}

// waitingFacts is how many facts wait for backups now.
func (r *replica) waitingFacts() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		n += s.waiting
	}
	return n
}

// reached notes what the backup has, in memory and for good, and answers those who waited for it. A
// fact that is in memory only will not be on the disk in time. r.mu is held.
func (r *replica) reached(p *replicated, got, held uint64) {
	p.got, p.held = max(p.got, got), max(p.held, held)
	p.waiters = slices.DeleteFunc(p.waiters, func(w waiter) bool {
		switch {
		case w.want <= p.held || !w.fact && w.want <= p.got:
			w.done <- has
		case w.want <= p.got:
			w.done <- refused
		default:
			return false
		}
		return true
	})
}

// slowed notes that a call to a stream's target has gone unanswered for slowAfter. If the target is
// silent altogether, there may be another backup soon: those who wait go on waiting. What went out
// on the connection that is silent now is sent again, another way.
func (r *replica) slowed(s *stream, call uint64, direct bool, again func()) {
	switch {
	case r.node.way(r.node.view.Load(), s.target, link.Bulk) != nil:
		r.giveUp(s, call)
	case direct:
		again()
	}
}

// begin notes the call that is under way.
func (r *replica) begin(s *stream, call uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.call = call
}

// giveUp refuses all who wait for a stream's target, and who come until it answers again, unless it
// has just answered.
func (r *replica) giveUp(s *stream, call uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.call != call || r.streams[s.target] != s {
		return
	}
	s.slow = true
	for i := range r.parts {
		p := &r.parts[i]
		if p.target != s.target {
			continue
		}
		for _, w := range p.waiters {
			w.done <- refused
		}
		p.waiters = nil
	}
}

func (r *replica) run(ctx context.Context, s *stream) {
	wait, retry := firstRetry, (<-chan time.Time)(nil) // runs while something was refused
	for {
		select {
		case <-ctx.Done():
			return
		case <-retry:
			retry = nil
			r.again(s)
		case <-s.wake:
		}
		for ctx.Err() == nil && r.flush(ctx, s) {
		}
		switch {
		case !r.refusedAny(s):
			wait, retry = firstRetry, nil
		case retry == nil:
			retry = time.After(wait)
			wait = min(2*wait, lastRetry)
		}
	}
}

// again puts on the list what the target didn't take.
func (r *replica) again(s *stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.dirty, s.refused = append(s.dirty, s.refused...), nil
}

func (r *replica) refusedAny(s *stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(s.refused) > 0
}

// shipment is one partition in a call.
type shipment struct {
	partition int
	kind      byte
	put       uint64 // what the backup has once this arrived
	bytes     []byte
}

// The kinds of shipments.
const (
	shipRecords byte = iota // on top of what the backup has
	shipWhole               // everything
	shipPartial             // everything there is, but something may have been lost before
)

func readShipment(d *message.Reader) byte { return d.OneOf(int(shipPartial)+1, "kind of shipment") }

// flush sends a batch, if there is something to send.
func (r *replica) flush(ctx context.Context, s *stream) bool {
	number := r.next()
	batch := r.load(s)
	if len(batch) == 0 {
		return false
	}
	r.begin(s, number)
	direct := r.node.way(r.node.view.Load(), s.target, link.Bulk) != nil
	sending, again := context.WithCancel(ctx)
	slow := time.AfterFunc(slowAfter, func() { r.slowed(s, number, direct, again) })
	taken, err := r.send(sending, s.target, number, batch)
	slow.Stop()
	again()
	if err != nil && !direct && r.node.isCutOff(s.target) {
		r.giveUp(s, number)
	}
	if r.note(s, batch, taken, err) {
		r.failures.Add(1)
	}
	return true
}

// next is a number for a call: what is loaded afterwards is newer than what was loaded under a lower one, to the same target.
func (r *replica) next() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number++
	return r.number
}

// load takes the next batch off the list. Snapshots are made without r.mu: the host's locks come before it.
func (r *replica) load(s *stream) (batch []shipment) {
	for size := 0; size < maxBatch; {
		r.mu.Lock()
		if len(s.dirty) == 0 {
			r.mu.Unlock()
			return batch
		}
		n := s.dirty[0]
		s.dirty = s.dirty[1:]
		p := &r.parts[n]
		if p.target != s.target || !p.queued {
			r.mu.Unlock()
			continue
		}
		b, fill := shipment{partition: n, put: p.put, bytes: p.pending}, p.fill
		p.queued, p.fill, p.pending = false, false, nil
		r.mu.Unlock()
		if fill && !r.snapshot(&b, s.target) {
			continue
		}
		if fill || len(b.bytes) > 0 {
			batch, size = append(batch, b), size+len(b.bytes)
		}
	}
	return batch
}

// snapshot makes a shipment of everything. It returns false if the partition was released: what the snapshot shows may be what was left
// of it.
func (r *replica) snapshot(b *shipment, target link.Name) bool {
	var whole bool
	b.bytes, whole = r.node.host.Snapshot(b.partition)
	if b.kind = shipWhole; !whole {
		b.kind = shipPartial
	}
	return r.isBackup(b.partition, target)
}

func (r *replica) send(ctx context.Context, to link.Name, number uint64, batch []shipment) (taken []byte, err error) {
	b := message.AppendUint32(message.AppendUint64(nil, number), len(batch))
	for _, s := range batch {
		b = message.AppendUint16(b, s.partition)
		b = append(b, s.kind)
		b = codec.AppendBytes(b, s.bytes)
	}
	ctx, cancel := context.WithTimeout(ctx, replicateTimeout)
	defer cancel()
	err = r.node.call(ctx, to, link.Bulk, message.OpReplicate, b, func(reply []byte) error {
		taken = append(taken, reply...)
		return nil
	})
	if err == nil && len(taken) != len(batch) {
		err = message.ErrDamaged
	}
	return taken, err
}

// note notes what a batch has come to.
func (r *replica) note(s *stream, batch []shipment, taken []byte, err error) (failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.call = 0
	if err == nil {
		s.slow = false
	}
	for i, b := range batch {
		p := &r.parts[b.partition]
		switch {
		case p.target != s.target || r.streams[s.target] != s: // nobody asks any more
		case err != nil || taken[i] == replicaRefused:
			failed = true
			r.fillAgain(b.partition)
			if !p.queued {
				p.queued = true
				s.refused = append(s.refused, b.partition)
			}
		case !p.fill: // else records were dropped meanwhile, and the fill brings them
			p.synced = p.synced || b.kind != shipRecords
			held := uint64(0)
			if taken[i] == replicaKept {
				held = b.put
			}
			r.reached(p, b.put, held)
		}
	}
	return failed
}

// What a backup answers about each item.
const (
	replicaRefused byte = iota
	replicaKept         // it is in memory, and on the disk if there is one
	replicaGot          // it is in memory; the disk has failed, or takes too long
)

// takeReplicas is a backup's side: it says of each item what became of it.
func (n *Node) takeReplicas(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	number := d.Uint64()
	reply := make([]byte, d.Count(2+1+4))
	for i := range reply {
		partition, kind, b := d.Partition(n.partitions), readShipment(d), d.Bytes()
		if d.Err() != nil {
			return nil, d.Err()
		}
		reply[i] = message.Bool(n.steward.takeReplica(from, number, partition, kind, b))
	}
	if n.store.Sync(ctx) != nil {
		for i := range reply {
			reply[i] *= replicaGot
		}
	}
	return reply, d.End()
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
