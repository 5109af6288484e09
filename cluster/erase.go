package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// An erasure is a fact of the participant's own partition, and goes the way of an override: owner,
// backup, disks. What others have with the participant lies in their partitions:
//
//	Erase ─▶ owner: erasure ─▶ backup, disks        the participant itself is forgotten, and stays so
//	  └────▶ all owners: Strike ─▶ backups, disks   windows that others have with it
//	         each node: disk.Log.Shorten            its files are written anew without it
//	sweep ─▶ all owners: what is remembered? ─▶ Strike here, and Shorten if there was something
//
// Strike is acknowledged by whoever serves a partition, for each of them: so none is passed over
// that is on its way between two nodes. What a node brings later that was away the erasure refuses
// where it is remembered. A partition that had nothing to forget doesn't remember it, and may be
// given something later: half a window that was completed late (finisher), or one that the other side
// of a cut has kept. That stays until the next sweep.

// Erase forgets all that is known of a participant, at all nodes and on their disks, and has the
// sockets of its devices closed. What came up to now is not taken back in for a week, from wherever
// it comes; what comes later counts. After an error it may be half done, and can be repeated.
func (n *Node) Erase(ctx context.Context, participant string) error {
	var e shard.Erasure
	write := func() (o shard.Outcome) {
		e, o = n.host.Erase(participant)
		return o
	}
	read := func(d *message.Reader) { e = readErasure(d) }
	if err := n.askFact(ctx, participant, message.OpErase, codec.AppendText(nil, participant), write, read); err != nil {
		return err
	}
	return n.strikeAll(ctx, shard.Erasures{e})
}

// answerErase is the owner's side.
func (n *Node) answerErase(ctx context.Context, d *message.Reader) ([]byte, error) {
	participant := d.Participant()
	if err := d.End(); err != nil {
		return nil, err
	}
	var e shard.Erasure
	o, words := n.factOf(ctx, participant, func() (o shard.Outcome) {
		e, o = n.host.Erase(participant)
		return o
	})
	return appendErasure(codec.AppendText([]byte{byte(o)}, bounded(words)), e), nil
}

// strikeAll has every partition struck where it is served, until all are, or ctx ends.
func (n *Node) strikeAll(ctx context.Context, all shard.Erasures) error {
	left := make(map[int]struct{}, n.partitions)
	for p := range n.partitions {
		left[p] = struct{}{}
	}
	if n.caller.Until(ctx, func(v *view.View) bool {
		for _, p := range n.strikeOnce(ctx, v, all) {
			delete(left, p)
		}
		return len(left) == 0
	}) {
		return nil
	}
	return call.Unavailable(ctx.Err(), fmt.Errorf("of %d partitions %d may still have something", n.partitions, len(left)))
}

// strikeOnce asks all owners of a view at once, and returns the partitions that were struck.
func (n *Node) strikeOnce(ctx context.Context, v *view.View, all shard.Erasures) (struck []int) {
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, m := range v.Members {
		if !v.Owns(m.Name) && n.replica != nil {
			continue
		}
		asked.Go(func() {
			partitions, err := n.strikeAt(ctx, m.Name, all)
			if err != nil {
				n.log.Debug("not struck", "peer", m.Name.ID, "error", err)
			}
			mu.Lock()
			defer mu.Unlock()
			struck = append(struck, partitions...)
		})
	}
	asked.Wait()
	return struck
}

func (n *Node) strikeAt(ctx context.Context, at link.Name, all shard.Erasures) (struck []int, err error) {
	if at == n.name {
		return n.strikeHere(ctx, all), nil
	}
	ctx, cancel := n.caller.WhileHeard(ctx, at)
	defer cancel()
	err = n.caller.Call(ctx, at, link.Hot, message.OpStrike, appendErasures(nil, all), func(reply []byte) error {
		d := message.NewReader(reply)
		struck = d.Partitions(n.partitions)
		return d.End()
	})
	return struck, err
}

// strikeHere returns the partitions that are served here, and of which the backup, and the disks,
// have it.
func (n *Node) strikeHere(ctx context.Context, all shard.Erasures) []int {
	served, told := n.host.Strike(all)
	n.shortenFor(all)
	missing := make([]bool, n.partitions)
	call.Each(len(told), maxParallel, func(i int) { missing[told[i]] = n.backed(ctx, told[i], shard.Done) != shard.Done })
	return slices.DeleteFunc(served, func(p int) bool { return missing[p] })
}

func (n *Node) answerStrike(ctx context.Context, d *message.Reader) ([]byte, error) {
	all := readErasures(d)
	if err := d.End(); err != nil {
		return nil, err
	}
	return message.AppendPartitions(nil, n.strikeHere(ctx, all)), nil
}

const erasureSize = 8 + len(shard.Erasure{}.Sum) + 8 + 8 + 8

func appendErasure(b []byte, e shard.Erasure) []byte {
	b = message.AppendUint64(append(message.AppendUint64(b, e.Hash), e.Sum[:]...), uint64(e.Version))
	return message.AppendUint64(message.AppendUint64(b, uint64(e.At)), uint64(e.Newest))
}

func appendErasures(b []byte, all shard.Erasures) []byte {
	b = message.AppendUint32(b, len(all))
	for _, e := range all {
		b = appendErasure(b, e)
	}
	return b
}

func readErasure(d *message.Reader) (e shard.Erasure) {
	e.Hash = d.Uint64()
	copy(e.Sum[:], d.Take(len(e.Sum)))
	e.Version = shard.Version(d.Uint64())
	e.At, e.Newest = int64(d.Uint64()), int64(d.Uint64())
	if !e.Valid() {
		d.Failf("an erasure at %d, %d", e.At, e.Newest)
	}
	return e
}
