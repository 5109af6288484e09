package host

import (
	"fmt"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Snapshot writes a partition, to be merged at another node.
func (h *Host) Snapshot(partition int) ([]byte, error) {
	if err := h.checkPartition(partition); err != nil {
		return nil, err
	}
	now, id := h.now(), h.stamps.next()
	s := h.lock(partition)
	defer s.Unlock()
	return h.partitions[partition].Snapshot(now, id), nil
}

// Merge takes in a snapshot of a partition. A damaged one, or one from a node whose clock is over a minute ahead,
// changes nothing.
func (h *Host) Merge(partition int, snapshot []byte) error {
	if err := h.checkPartition(partition); err != nil {
		return err
	}
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	p := h.partitions[partition]
	top, err := p.Merge(now, snapshot, shard.Ceiling(time.Now().UnixMilli()))
	if err != nil {
		return err
	}
	h.publish(s, partition)
	return h.stamps.observe(top)
}

// Check verifies what must always hold in every partition.
func (h *Host) Check() error {
	for i, p := range h.partitions {
		s := h.lock(i)
		err := p.Check()
		s.Unlock()
		if err != nil {
			return fmt.Errorf("partition %d: %w", i, err)
		}
	}
	return nil
}

func (h *Host) checkPartition(n int) error {
	if n < 0 || n >= len(h.partitions) {
		return fmt.Errorf("host: partition %d; there are %d", n, len(h.partitions))
	}
	return nil
}
