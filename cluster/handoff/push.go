package handoff

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
	"github.com/scaiwave/presence/shard/wake"
)

const (
	agreeTimeout = time.Second     // for an owner to see the same members, before something is pushed to it
	bulkTimeout  = 5 * time.Second // for one call with snapshots
	maxBatch     = 1 << 20         // about how large one is
)

// pushAll pushes what belongs to others, to all owners at once.
func (s *Steward) pushAll(ctx context.Context, i instant, todo actions) {
	leaving := todo.of(push)
	s.mu.Lock()
	s.pushing = len(leaving)
	s.mu.Unlock()
	for _, a := range todo.of(hold) {
		s.standDown(i, a.partition)
	}
	var all sync.WaitGroup
	for owner, partitions := range leaving.byPeer() {
		all.Go(func() {
			if !s.agrees(ctx, i, owner) {
				return // what is served here is served on
			}
			begun := time.Now()
			err := s.push(ctx, i, owner, partitions)
			s.Logger.Info("handed over", "peer", owner.ID, "partitions", len(partitions),
				"after", time.Since(begun).Round(time.Millisecond), "error", err)
		})
	}
	all.Wait()
}

func (s *Steward) standDown(i instant, partition int) {
	s.at(i, func(b *book) {
		s.seal(partition)
		b.missed[partition] = struct{}{}
	})
}

// seal ceases to serve a partition.
func (s *Steward) seal(partition int) {
	s.Host.Hold(partition)
	s.Replica.Release(partition)
}

// agrees waits a while for an owner to see the same members, so that it will take what is pushed to
// it.
func (s *Steward) agrees(ctx context.Context, i instant, owner link.Name) bool {
	ctx, cancel := context.WithTimeout(ctx, agreeTimeout)
	defer cancel()
	differs := s.whenDiffering(owner)
	for ctx.Err() == nil {
		a := s.askOne(ctx, i, owner)
		if a.same {
			return true
		}
		if a.came {
			differs()
		}
		wake.Pause(ctx, askAgain)
	}
	return false
}

// push hands partitions to their owner, a batch at a time. What isn't taken is pushed again later.
func (s *Steward) push(ctx context.Context, i instant, owner link.Name, partitions []int) error {
	for len(partitions) > 0 {
		b, served := s.pack(i, owner, partitions)
		if len(served) == 0 {
			return nil // the instant is over
		}
		taken, err := s.send(ctx, owner, b)
		if err == nil && len(taken) != len(served) {
			err = fmt.Errorf("%w: %d answers for %d partitions", message.ErrDamaged, len(taken), len(served))
		}
		if err != nil {
			return err // it may have been taken: what was served is held
		}
		for n, t := range taken {
			if t == 1 {
				s.gave(partitions[n], owner)
			} else if served[n] {
				s.serveOn(i, partitions[n])
			}
		}
		partitions = partitions[len(served):]
	}
	return nil
}

// pack seals the first of the partitions, and writes a message of their snapshots; served is of
// each whether it was served.
func (s *Steward) pack(i instant, owner link.Name, partitions []int) (b []byte, served []bool) {
	b = message.AppendUint64(nil, i.Key)
	for n := 0; n < len(partitions) && len(b) < maxBatch; n++ {
		p, was := partitions[n], false
		left, outdated, bare := false, false, false
		if !s.at(i, func(b *book) {
			was = s.Host.Role(p) == host.Serving
			s.seal(p)
			s.Host.Claim(p)
			left = b.left[p].next == owner
			bare = b.wasAway(p)
			outdated = b.outdated(s.Host.Lapsed(p))
		}) {
			return b, served
		}
		served = append(served, was)
		snapshot, whole := s.Host.Snapshot(p)
		claim := claimOf(whole && !outdated, left)
		if bare && claim == claimWhole {
			claim = claimBare
		}
		b = codec.AppendBytes(append(message.AppendUint16(b, p), claim), snapshot)
	}
	return b, served
}

func (s *Steward) send(ctx context.Context, owner link.Name, b []byte) (taken []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, bulkTimeout)
	defer cancel()
	err = s.Peers.Call(ctx, owner, link.Bulk, message.OpTake, b, func(reply []byte) error {
		taken = append(taken, reply...)
		return nil
	})
	return taken, err
}

// gave follows the answer that an owner has taken a partition.
func (s *Steward) gave(partition int, owner link.Name) {
	s.Host.Yield(partition, view.SourceOf(owner))
	s.HandedOver.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushing--
	s.book.gave(partition)
}

// serveOn serves what the owner refused, and was served before, without acknowledging anything: a
// caller is answered by the only one who can.
func (s *Steward) serveOn(i instant, partition int) {
	s.atOrHold(i, partition, func(b *book) bool {
		if b.wasAway(partition) {
			s.Host.Distrust(partition)
		} else {
			s.Host.Serve(partition)
		}
		return true
	})
}
