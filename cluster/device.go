package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Attachment is one socket's device at its owner, made by Attach.
type Attachment struct {
	Participant string        // static
	Device      string        // static
	Session     shard.Version // stamp of this hello; the higher session owns the device
	partition   int           // static

	activity atomic.Uint32 // last reported
	busy     chan struct{} // one slot: guards the rest, also over a call to another node
	handle   host.Handle
	owner    link.Name // whose handle it is
	token    uint32    // by which owners name it to this node
}

// Activity is what the device last reported.
func (at *Attachment) Activity() shard.Activity {
	return shard.Activity(at.activity.Load())
}

// take has the attachment to oneself until give, unless ctx ends before.
func (at *Attachment) take(ctx context.Context) error {
	select {
	case at.busy <- struct{}{}:
		return nil
	default: // taken: only then it is worth looking at ctx, which makes a select several times as dear
	}
	select {
	case at.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return call.Unavailable(ctx.Err(), nil)
	}
}

func (at *Attachment) give() { <-at.busy }

// eviction closes the sockets of this session.
func (at *Attachment) eviction(r EvictReason) Eviction {
	return Eviction{Participant: at.Participant, Device: at.Device, Below: at.Session + 1, Reason: r}
}

// Attach gives a device to a new session, for the socket that has just said hello. A socket that had the device is
// evicted.
func (n *Node) Attach(ctx context.Context, participant, device string, a shard.Activity) (*Attachment, error) {
	at := &Attachment{Participant: participant, Device: device, partition: n.partitionOf(participant), busy: make(chan struct{}, 1)}
	at.activity.Store(uint32(a))
	payload := append(codec.AppendText(codec.AppendText(nil, participant), device), byte(a))
	o, err := n.caller.Route(ctx, n.partitionOf(participant), func(ctx context.Context, to link.Name) (o shard.Outcome, err error) {
		at.owner = to
		if to == n.name {
			at.handle, at.Session, o = n.attachHere(ctx, participant, device, a)
			return o, nil
		}
		return n.ask(ctx, to, message.OpAttach, payload, func(d *message.Reader) {
			at.handle, at.Session = d.Handle(), shard.Version(d.Uint64())
		})
	})
	if err == nil {
		err = errorOf(o)
	}
	if err != nil {
		return nil, err
	}
	n.tokens.add(at)
	return at, nil
}

func (n *Node) attachHere(ctx context.Context, participant, device string, a shard.Activity) (host.Handle, shard.Version, shard.Outcome) {
	handle, session, o := n.host.Attach(participant, device, a)
	if o == shard.Done {
		n.flipped(ctx, int(handle.Partition))
	}
	return handle, session, o
}

// Beat is a sign of life of a socket's device. After ErrReplaced or ErrGone the socket must close and not beat again.
func (n *Node) Beat(ctx context.Context, at *Attachment, a shard.Activity) error {
	if err := at.take(ctx); err != nil {
		return err
	}
	defer at.give()
	o, err := n.beat(ctx, at, a)
	if err != nil || stale(o) {
		o, err = n.announce(ctx, at, a)
	}
	if err != nil {
		return err
	}
	if o == shard.Done {
		at.activity.Store(uint32(a))
	}
	return errorOf(o)
}

// beat is a heartbeat by handle. One that changes nothing goes to another node without an answer: exceptions come back by
// themselves.
func (n *Node) beat(ctx context.Context, at *Attachment, a shard.Activity) (shard.Outcome, error) {
	v := n.view.Load()
	place, ok := v.OwnerPlace(int(at.handle.Partition))
	switch {
	case !ok || v.Members[place].Name != at.owner:
		return shard.Moved, nil
	case at.owner == n.name:
		return n.beatHere(ctx, at.handle, a), nil
	case a != at.Activity():
		ctx, cancel := call.ShortWrite(ctx, at.owner)
		defer cancel()
		return n.ask(ctx, at.owner, message.OpFlip, append(message.AppendHandle(nil, at.handle), byte(a)), nil)
	}
	conn := n.caller.DirectAt(v, place, link.Hot)
	if conn == nil {
		return shard.NotMine, nil
	}
	var item [message.BeatSize]byte
	return shard.Done, conn.Pack(message.OpBeats, message.AppendUint32(message.AppendHandle(item[:0], at.handle), int(at.token)))
}

func (n *Node) beatHere(ctx context.Context, handle host.Handle, a shard.Activity) shard.Outcome {
	o, changed := n.host.Beat(handle, a)
	if changed {
		n.flipped(ctx, int(handle.Partition))
	}
	return o
}

// announce brings the device to where its partition is served now. The attachment is taken.
func (n *Node) announce(ctx context.Context, at *Attachment, a shard.Activity) (shard.Outcome, error) {
	payload := append(codec.AppendText(codec.AppendText(nil, at.Participant), at.Device), byte(a))
	payload = message.AppendUint64(payload, uint64(at.Session))
	picked := n.picked(at.Participant)
	payload = message.AppendUint64(append(payload, byte(picked.Override)), uint64(picked.Version))
	var handle host.Handle
	var owner link.Name
	o, err := n.caller.Route(ctx, n.partitionOf(at.Participant), func(ctx context.Context, to link.Name) (o shard.Outcome, err error) {
		owner = to
		if to == n.name {
			handle, o = n.announceHere(ctx, at.Participant, at.Device, a, at.Session, picked)
			return o, nil
		}
		return n.ask(ctx, to, message.OpAnnounce, payload, func(d *message.Reader) { handle = d.Handle() })
	})
	if err == nil && o == shard.Done {
		at.handle, at.owner = handle, owner
	}
	return o, err
}

func (n *Node) announceHere(ctx context.Context, participant, device string, a shard.Activity, session shard.Version, picked host.Picked) (host.Handle, shard.Outcome) {
	handle, o := n.host.Announce(participant, device, a, session, picked)
	if o == shard.Done {
		n.flipped(ctx, int(handle.Partition))
	}
	return handle, o
}

// Detach says that a socket was closed by its client without a goodbye: the device lingers.
func (n *Node) Detach(ctx context.Context, at *Attachment) error {
	n.tokens.remove(at)
	return n.leave(ctx, at, message.OpDetach, n.host.Detach)
}

// Forget says that a socket has ended in another way, as when it was too slow: its device keeps its deadline, if it is its still. This
// node must not bring it back by itself.
func (n *Node) Forget(at *Attachment) { n.tokens.remove(at) }

// Goodbye signs a socket's device out. ErrReplaced or ErrGone: the device was no longer this socket's.
func (n *Node) Goodbye(ctx context.Context, at *Attachment) error {
	err := n.leave(ctx, at, message.OpGoodbye, n.host.Goodbye)
	if !errors.Is(err, ErrUnavailable) {
		n.tokens.remove(at) // else the socket goes on
	}
	return err
}

// leaving is host.Detach or host.Goodbye.
type leaving func(participant, device string, session shard.Version) shard.Outcome

func (n *Node) leave(ctx context.Context, at *Attachment, op byte, here leaving) error {
	payload := message.AppendUint64(codec.AppendText(codec.AppendText(nil, at.Participant), at.Device), uint64(at.Session))
	return n.change(ctx, at.Participant, op, payload, func(ctx context.Context) shard.Outcome {
		return n.leaveHere(ctx, at.Participant, at.Device, at.Session, here)
	})
}

func (n *Node) leaveHere(ctx context.Context, participant, device string, session shard.Version, here leaving) shard.Outcome {
	o := here(participant, device, session)
	if o == shard.Done {
		n.flipped(ctx, n.partitionOf(participant))
	}
	return o
}

// SignOut signs a device out, whichever socket holds it, and has that socket closed. No error also when it was gone.
func (n *Node) SignOut(ctx context.Context, participant, device string) error {
	payload := codec.AppendText(codec.AppendText(nil, participant), device)
	return n.change(ctx, participant, message.OpSignOut, payload, func(ctx context.Context) shard.Outcome {
		return n.signOutHere(ctx, participant, device)
	})
}

func (n *Node) signOutHere(ctx context.Context, participant, device string) shard.Outcome {
	return n.inMemory(ctx, n.partitionOf(participant), n.host.SignOut(participant, device))
}

// tokens are this node's attachments, by the number under which owners answer for them, and by partition.
type tokens struct {
	mu          sync.Mutex
	last        uint32
	all         map[uint32]*Attachment
	byPartition map[int]map[*Attachment]struct{}
}

func (t *tokens) add(at *Attachment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = make(map[uint32]*Attachment)
		t.byPartition = make(map[int]map[*Attachment]struct{})
	}
	for {
		t.last++
		if _, used := t.all[t.last]; !used {
			break
		}
	}
	at.token = t.last
	t.all[at.token] = at
	if t.byPartition[at.partition] == nil {
		t.byPartition[at.partition] = make(map[*Attachment]struct{})
	}
	t.byPartition[at.partition][at] = struct{}{}
}

func (t *tokens) remove(at *Attachment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, at.token)
	if delete(t.byPartition[at.partition], at); len(t.byPartition[at.partition]) == 0 {
		delete(t.byPartition, at.partition)
	}
}

func (t *tokens) get(token uint32) *Attachment {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[token]
}

func (t *tokens) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// in are the attachments of a partition.
func (t *tokens) in(partition int) []*Attachment {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.byPartition[partition]))
}

// beatBatch is what takeBeats works with, used again and again.
type beatBatch struct {
	handles  []host.Handle
	outcomes []shard.Outcome
}

var beatBatches = sync.Pool{New: func() any { return new(beatBatch) }}

// takeBeats is the owner's side of packed heartbeats. Only those that didn't count are answered.
func (n *Node) takeBeats(c *link.Conn, payload []byte) {
	b := beatBatches.Get().(*beatBatch)
	defer beatBatches.Put(b)
	b.handles = b.handles[:0]
	for p := payload; len(p) >= message.BeatSize; p = p[message.BeatSize:] {
		b.handles = append(b.handles, host.Handle{
			Partition: binary.BigEndian.Uint16(p),
			Ref:       shard.Ref{Slot: binary.BigEndian.Uint32(p[2:]), Generation: binary.BigEndian.Uint32(p[6:])},
		})
	}
	b.outcomes = slices.Grow(b.outcomes[:0], len(b.handles))[:len(b.handles)]
	n.host.Touch(b.handles, b.outcomes)
	for i, o := range b.outcomes {
		if o != shard.Done {
			token := payload[(i+1)*message.BeatSize-4 : (i+1)*message.BeatSize]
			_ = c.Pack(message.OpExceptions, append(token[:4:4], byte(o))) // one that is lost is found at the next heartbeat
		}
	}
}

// takeExceptions is the gateway's side: a device that has moved is announced again at once, a socket that has lost its device
// is closed.
func (n *Node) takeExceptions(payload []byte) {
	d := message.NewReader(payload)
	for d.Left() >= message.ExceptionSize {
		token, o := d.Uint32(), shard.Outcome(d.Byte())
		at := n.tokens.get(token)
		if at == nil {
			continue
		}
		if reason, lost := evictions[o]; lost {
			n.sink.Evict(at.eviction(reason))
			continue
		}
		n.running.Go(func() { n.reannounce(at) })
	}
}

var evictions = map[shard.Outcome]EvictReason{shard.Replaced: EvictReplaced, shard.Gone: EvictSignedOut}

const reannounceTimeout = 5 * time.Second

// reannounce brings a socket's device to where it belongs.
func (n *Node) reannounce(at *Attachment) {
	ctx, cancel := context.WithTimeout(context.Background(), reannounceTimeout)
	defer cancel()
	if at.take(ctx) != nil {
		return
	}
	defer at.give()
	if n.tokens.get(at.token) != at {
		return
	}
	o, err := n.announce(ctx, at, at.Activity())
	if reason, lost := evictions[o]; err == nil && lost {
		n.sink.Evict(at.eviction(reason))
	}
}

// maxReannounce is how many devices are announced again at once.
const maxReannounce = 256

// reannounceAll brings this node's devices of a partition to an owner that has lost them.
func (n *Node) reannounceAll(partition int) {
	lost := n.tokens.in(partition)
	if len(lost) == 0 {
		return
	}
	n.log.Info("announcing again what was lost", "partition", partition, "devices", len(lost))
	call.Each(len(lost), maxReannounce, func(i int) { n.reannounce(lost[i]) })
}
