package handoff

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/host"
)

// Shipment carries out take, which changes the copy of a partition by what an owner sent to its
// backup, if that fits the present view. It reports whether it was taken. Whom the copy was left
// for is forgotten before it is filled: a push at that moment would say it of what is new.
func (s *Steward) Shipment(from link.Name, partition int, fills bool, take func() bool) bool {
	s.copies.RLock()
	defer s.copies.RUnlock()
	fits := false
	s.at(s.now(), func(b *book) {
		if fits = b.takes(partition, from, s.holding(partition)); fits && fills {
			b.filled(partition)
		}
	})
	return fits && take()
}

// leave marks a copy that doesn't follow any more.
func (s *Steward) leave(i instant, a action) {
	s.copies.Lock()
	defer s.copies.Unlock()
	s.at(i, func(b *book) {
		if source, follows := s.Host.Source(a.partition); follows {
			b.left[a.partition] = leaving{source, a.peer}
			s.Host.Stale(a.partition)
		}
	})
}

// tidy looks after the copies that don't follow. Those that nobody needs are dropped when their
// owner says that its backup has all. Of the others their owner is asked to send everything. It
// returns how many are left to be dropped.
func (s *Steward) tidy(ctx context.Context) (left int) {
	i := s.now()
	todo, lasts := s.plan(i, func(*book) {})
	if !lasts {
		return 1 // for all that is known
	}
	var all sync.WaitGroup
	var kept atomic.Int64
	for owner, partitions := range todo.of(drop).byPeer() {
		all.Go(func() { kept.Add(int64(s.dropSettled(ctx, i, owner, partitions))) })
	}
	for owner, partitions := range todo.of(fetch).byPeer() {
		all.Go(func() { s.askAbout(ctx, i, owner, message.OpBehind, partitions) })
	}
	all.Wait()
	return int(kept.Load())
}

// dropSettled drops the copies whose owner says that its backup has all, and returns how many are
// left.
func (s *Steward) dropSettled(ctx context.Context, i instant, owner link.Name, partitions []int) (left int) {
	for n, settled := range s.askAbout(ctx, i, owner, message.OpSettled, partitions) {
		if settled != 1 || !s.dropCopy(i, partitions[n]) {
			left++
		}
	}
	return left
}

// dropCopy drops a copy that doesn't follow.
func (s *Steward) dropCopy(i instant, partition int) (dropped bool) {
	s.copies.Lock()
	defer s.copies.Unlock()
	s.at(i, func(*book) { dropped = s.Host.DropCopy(partition) })
	if dropped {
		s.Store.Forget(partition)
	}
	return dropped
}

// askAbout asks an owner for a yes or no about each of some partitions; without an answer it is no.
func (s *Steward) askAbout(ctx context.Context, i instant, owner link.Name, op byte, partitions []int) []byte {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out := make([]byte, len(partitions))
	b := message.AppendPartitions(message.AppendUint64(nil, i.Key), partitions)
	err := s.Peers.Call(ctx, owner, link.Bulk, op, b, func(reply []byte) error {
		copy(out, reply)
		return nil
	})
	if err != nil {
		s.Logger.Debug("no answer about partitions", "peer", owner.ID, "op", op, "error", err)
	}
	return out
}

// Settled answers of each partition whether all is here, and its backup has it.
func (s *Steward) Settled(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
	return s.about(d, func(i instant, partition int) bool {
		backup, _ := i.Backup(partition)
		return s.Replica.InMemoryAt(partition, backup)
	})
}

// Behind has everything sent to a backup whose copy doesn't follow, once it can be whole.
func (s *Steward) Behind(_ context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	return s.about(d, func(_ instant, partition int) bool {
		again := s.Replica.Backup(partition) == from
		if again {
			s.Replica.Refill([]int{partition})
		}
		return again
	})
}

// about answers askAbout; under another key than the asker's it says no, and of what isn't whole
// here.
func (s *Steward) about(d *message.Reader, yes func(i instant, partition int) bool) ([]byte, error) {
	key, partitions := d.Uint64(), d.Partitions(s.Count)
	if err := d.End(); err != nil {
		return nil, err
	}
	i := s.now()
	reply := make([]byte, len(partitions))
	for n, p := range partitions {
		reply[n] = message.Bool(i.Key == key && s.Host.Role(p) == host.Serving && s.Host.Whole(p) && yes(i, p))
	}
	return reply, nil
}
