package cluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
)

// replica keeps the backups of the partitions that this node serves. Of each partition it knows who its backup is and what
// that has not been sent:
//
//	host ── Put(records) ─▶ pending ──▶ stream of that backup: one call under way, of all that waits ──▶ held
//	                        or fill ──▶ (a snapshot instead, when the backup has nothing to apply records to)
//
// An acknowledgement waits until held has reached what was put before. A batch that failed turns into fills.
type replica struct {
	// static
	node    *Node
	running sync.WaitGroup

	failures atomic.Int64

	mu      sync.Mutex
	parts   []replicated
	streams map[link.Name]*stream
	closed  bool
}

// replicated is a partition's backup.
type replicated struct {
	target  link.Name // zero: there is none
	fill    bool      // it needs everything
	queued  bool      // on its stream's list
	pending []byte    // records
	put     uint64    // records made
	held    uint64    // of these, how many the backup has
	waiters []waiter  // by ascending want
}

type waiter struct {
	want uint64
	done chan struct{}
}

// stream is what goes to one backup.
type stream struct {
	target link.Name
	wake   chan struct{}
	stop   context.CancelFunc
	dirty  []int // partitions
}

// maxPending is how many bytes of records may wait for a partition's backup before a snapshot is cheaper.
const maxPending = 1 << 20

// maxBatch is about how large one call gets.
const maxBatch = 1 << 20

func newReplica(n *Node, partitions int) *replica {
	return &replica{node: n, parts: make([]replicated, partitions), streams: make(map[link.Name]*stream)}
}

// Put takes records from the host, under the partition's lock.
func (r *replica) Put(partition int, records []byte) {
	r.node.store.records(partition, records)
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	p.put++
	if p.target == (link.Name{}) {
		p.held = p.put
		return
	}
	if !p.fill {
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

// assign says who a partition's backup is; zero: there is none. Another one than before is filled.
func (r *replica) assign(partition int, target link.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	if p.target == target || r.closed {
		return
	}
	p.target, p.pending, p.queued = target, nil, false
	p.fill = target != (link.Name{})
	if !p.fill {
		r.reached(p, p.put)
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
			p.fill, p.pending = true, nil
			r.queue(n)
		}
	}
}

// release ends the replication of a partition that isn't served any more. Who waits for it waits in vain.
func (r *replica) release(partition int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	p.target, p.fill, p.queued, p.pending = link.Name{}, false, false, nil
}

func (r *replica) start(target link.Name) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{target: target, wake: make(chan struct{}, 1), stop: cancel}
	r.streams[target] = s
	r.running.Go(func() { r.run(ctx, s) })
}

// keep ends the streams to nodes that have gone.
func (r *replica) keep(v *view) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, s := range r.streams {
		if !v.has(name) {
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

// settled says whether the backup has all of a partition, or there is none.
func (r *replica) settled(partition int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.parts[partition]
	return !p.fill && p.held >= p.put
}

// wait returns true when the backup has what was put so far, false when ctx ends before.
func (r *replica) wait(ctx context.Context, partition int) bool {
	r.mu.Lock()
	p := &r.parts[partition]
	if p.held >= p.put && !p.fill {
		r.mu.Unlock()
		return true
	}
	w := waiter{p.put, make(chan struct{})}
	p.waiters = append(p.waiters, w)
	r.mu.Unlock()
	select {
	case <-w.done:
		return true
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.waiters = slices.DeleteFunc(p.waiters, func(o waiter) bool { return o.done == w.done })
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// reached notes what the backup has. r.mu is held.
func (r *replica) reached(p *replicated, held uint64) {
	p.held = max(p.held, held)
	n := 0
	for n < len(p.waiters) && p.waiters[n].want <= p.held {
		close(p.waiters[n].done)
		n++
	}
	p.waiters = slices.Delete(p.waiters, 0, n)
}

func (r *replica) run(ctx context.Context, s *stream) {
	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for r.flush(ctx, s, &wait) && ctx.Err() == nil {
		}
	}
}

// shipment is one partition in a call.
type shipment struct {
	partition int
	fill      bool
	put       uint64 // what the backup has once this arrived
	bytes     []byte
}

// flush sends a batch, if there is something to send.
func (r *replica) flush(ctx context.Context, s *stream, wait *time.Duration) bool {
	batch := r.load(s)
	if len(batch) == 0 {
		return false
	}
	taken, err := r.send(ctx, s.target, batch)
	failed := r.note(s, batch, taken, err)
	if !failed {
		*wait = 0
		return true
	}
	r.failures.Add(1)
	*wait = min(max(2**wait, 20*time.Millisecond), 500*time.Millisecond)
	pause(ctx, *wait)
	return true
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
		b := shipment{partition: n, fill: p.fill, put: p.put, bytes: p.pending}
		p.queued, p.fill, p.pending = false, false, nil
		r.mu.Unlock()
		if b.fill {
			b.bytes = r.node.host.Snapshot(n)
		}
		if b.fill && !r.still(n, s.target) {
			continue // it was released: what the snapshot shows may be what was left of it
		}
		if b.fill || len(b.bytes) > 0 {
			batch, size = append(batch, b), size+len(b.bytes)
		}
	}
	return batch
}

func (r *replica) still(partition int, target link.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[partition].target == target
}

func (r *replica) send(ctx context.Context, to link.Name, batch []shipment) (taken []byte, err error) {
	b := appendUint32(nil, len(batch))
	for _, s := range batch {
		b = appendUint16(b, s.partition)
		b = append(b, boolByte(s.fill))
		b = appendBytes(b, s.bytes)
	}
	ctx, cancel := context.WithTimeout(ctx, bulkTimeout)
	defer cancel()
	err = r.node.call(ctx, to, link.Bulk, opReplicate, b, func(reply []byte) error {
		taken = append(taken, reply...)
		return nil
	})
	if err == nil && len(taken) != len(batch) {
		err = errMessage
	}
	return taken, err
}

// note notes what a batch has come to.
func (r *replica) note(s *stream, batch []shipment, taken []byte, err error) (failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, b := range batch {
		p := &r.parts[b.partition]
		if p.target != s.target {
			continue
		}
		if err == nil && taken[i] == 1 {
			if !p.fill { // else records were dropped meanwhile, and the fill brings them
				r.reached(p, b.put)
			}
			continue
		}
		failed = true
		p.fill, p.pending = true, nil
		r.queue(b.partition)
	}
	return failed
}

var errDisk = errors.New("cluster: the disk did not take it")

// takeReplicas is a backup's side: it says of each item whether it was taken.
func (n *Node) takeReplicas(ctx context.Context, from link.Name, d *decoder) ([]byte, error) {
	source := sourceOf(from)
	reply := make([]byte, d.count(2+1+4))
	for i := range reply {
		partition, fill, b := d.partition(n.partitions), d.byte() == 1, d.bytes()
		if d.err != nil {
			return nil, d.err
		}
		var err error
		if fill {
			if err = n.host.Fill(partition, source, b); err == nil {
				n.store.snapshot(partition, b)
			}
		} else if err = n.host.Apply(partition, source, b); err == nil {
			n.store.records(partition, b)
		}
		reply[i] = boolByte(err == nil)
		if err != nil && !errors.Is(err, host.ErrNoCopy) {
			n.steward.counters.refused.Add(1)
			n.log.Error("copy refused", "partition", partition, "owner", from.ID, "err", err)
		} else if err != nil {
			n.log.Debug("copy refused", "partition", partition, "owner", from.ID, "err", err)
		}
	}
	if !n.store.sync(ctx) {
		return nil, errDisk
	}
	return reply, d.end()
}

func boolByte(yes bool) byte {
	if yes {
		return 1
	}
	return 0
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
