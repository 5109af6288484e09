package handoff

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
)

// Take is the owner's side of a push. It merges what this node owns, under the same key, and
// answers of each whether it did.
func (s *Steward) Take(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	key, i := d.Uint64(), s.now()
	var reply []byte
	for d.Left() > 0 {
		partition, claim, snapshot := d.Partition(s.Count), d.Byte(), d.Bytes()
		if d.Err() != nil {
			break
		}
		owner, ok := i.Owner(partition)
		taken := ok && i.Key == key && owner == s.Self && !s.undecided(partition) // else it comes again
		if taken {
			taken = s.take(i, from, partition, snapshot, claim)
		}
		reply = append(reply, message.Bool(taken))
	}
	s.form(i)             // it may have been the last that was still to come
	_ = s.Store.Sync(ctx) // a disk that fails is no reason to leave it where it is to go from
	return reply, d.Err()
}

func (s *Steward) take(i instant, from link.Name, partition int, snapshot []byte, claim byte) bool {
	whole := claim == claimWhole
	s.at(i, func(b *book) { whole = b.isWhole(partition, from, claim, s.holding(partition)) })
	if err := s.merge(from, partition, snapshot, whole); err != nil {
		s.Refuse("hand-off", partition, from, err)
		return false
	}
	if s.at(i, func(b *book) {
		if b.wasAway(partition) {
			s.Host.Trust([]int{partition}) // the node where it was has come
		}
		b.came(partition, from)
	}) {
		s.serve(i, partition)
	}
	return true
}

func (s *Steward) merge(from link.Name, partition int, snapshot []byte, whole bool) error {
	s.copies.RLock()
	defer s.copies.RUnlock()
	if err := s.Host.Merge(partition, view.SourceOf(from), snapshot, whole); err != nil {
		return err
	}
	s.Store.Save(partition)
	return nil
}

// Refuse notes that state from another node cannot be taken.
func (s *Steward) Refuse(what string, partition int, from link.Name, err error) {
	s.Refused.Add(1)
	s.Logger.Error(what+" refused", "partition", partition, "peer", from.ID, "error", err)
}
