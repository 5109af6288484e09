package ask

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
)

// Erase forgets a participant in its own partition.
type Erase struct {
	Fact
	Erasure shard.Erasure
}

func (c *Erase) code() byte { return message.OpErase }

func (c *Erase) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() (out shard.Outcome) {
		c.Erasure, out = o.Host.Erase(c.Participant)
		return out
	})
}

func (c *Erase) appendAnswer(b []byte) []byte {
	return appendErasure(c.Fact.appendAnswer(b), c.Erasure)
}

func (c *Erase) decodeAnswer(d *message.Reader) {
	c.Fact.decodeAnswer(d)
	c.Erasure = readErasure(d)
}

// maxParallel is how many partitions wait for their backups at once.
const maxParallel = 64

// Strike forgets what other participants have with erased ones, in the partitions that are served.
type Strike struct {
	All shard.Erasures

	partitions int
	Struck     []int // the partitions of which the backups, and the disks, have it
}

func (c *Strike) code() byte               { return message.OpStrike }
func (c *Strike) append(b []byte) []byte   { return appendErasures(b, c.All) }
func (c *Strike) decode(d *message.Reader) { c.All = readErasures(d) }

func (c *Strike) carryOut(ctx context.Context, o *Owner) {
	served, told := o.Host.Strike(c.All)
	o.Struck(c.All)
	missing := make([]bool, o.Partitions)
	call.Each(len(told), maxParallel, func(i int) {
		missing[told[i]] = o.backed(ctx, told[i], shard.Done) != shard.Done
	})
	c.Struck = slices.DeleteFunc(served, func(p int) bool { return missing[p] })
}

func (c *Strike) appendAnswer(b []byte) []byte { return message.AppendPartitions(b, c.Struck) }

func (c *Strike) decodeAnswer(d *message.Reader) { c.Struck = d.Partitions(c.partitions) }

// Erase forgets all that is known of a participant, wherever it is served.
func (a *Asker) Erase(ctx context.Context, participant string) error {
	erase := Erase{Fact: Of(participant)}
	if err := a.Write(ctx, &erase); err != nil {
		return err
	}
	return a.strike(ctx, shard.Erasures{erase.Erasure})
}

// strike has every partition struck where it is served, until all are, or ctx ends.
func (a *Asker) strike(ctx context.Context, all shard.Erasures) error {
	left := make(map[int]struct{}, a.Owner.Partitions)
	for p := range a.Owner.Partitions {
		left[p] = struct{}{}
	}
	if a.Caller.Until(ctx, func(v *view.View) bool {
		for _, p := range a.strikeOnce(ctx, v, all) {
			delete(left, p)
		}
		return len(left) == 0
	}) {
		return nil
	}
	return call.Unavailable(ctx.Err(),
		fmt.Errorf("of %d partitions %d may still have something", a.Owner.Partitions, len(left)))
}

// strikeOnce asks all owners of a view at once, and returns the partitions that were struck.
func (a *Asker) strikeOnce(ctx context.Context, v *view.View, all shard.Erasures) (struck []int) {
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, m := range v.Members {
		if !v.Owns(m.Name) && a.Owner.Backups != nil {
			continue
		}
		asked.Go(func() {
			op := Strike{All: all, partitions: a.Owner.Partitions}
			if err := a.At(ctx, m.Name, link.Hot, a.Caller.WhileHeard, &op); err != nil {
				a.Log.Debug("not struck", "peer", m.Name.ID, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			struck = append(struck, op.Struck...)
		})
	}
	asked.Wait()
	return struck
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

// readErasures reads a list. One that isn't in order is put in order.
func readErasures(d *message.Reader) shard.Erasures {
	all := make([]shard.Erasure, d.Count(erasureSize))
	for i := range all {
		all[i] = readErasure(d)
	}
	if d.Err() != nil {
		return nil
	}
	return shard.Collect(all)
}
