package host

import (
	"fmt"

	"github.com/scaiwave/presence/shard"
)

// tenancy is what a host knows of a partition besides its state. It is guarded by the partition's
// stripe.
type tenancy struct {
	role     Role
	source   uint64   // of a copy: whose it is
	lapsed   bool     // of what is held: nothing whole has come to what a disk had
	told     bool     // of what is held: another node has told all that it knows since
	interest interest // made when a gateway watches
}

// answer is what a question about a partition's participants gets. The stripe is locked.
func (h *Host) answer(partition int) Answer {
	switch p := h.partitions[partition]; h.tenancies[partition].role {
	case Serving:
		if p.Warming() {
			return Warming
		}
		return Served
	case Copy:
		if p.Whole() { // it follows: it has all that was acknowledged
			return Copied
		}
	}
	return Missing
}

// move moves a partition to the role that an event leads to, and returns the role before. An event
// that isn't legal goes to Config.Illegal, and changes nothing. The stripe is locked.
func (h *Host) move(partition int, e event) (was Role, moved bool) {
	t := &h.tenancies[partition]
	was = t.role
	next, err := was.after(e)
	if err != nil {
		h.illegal(fmt.Errorf("partition %d: %w", partition, err))
	}
	t.role, t.told, t.lapsed = next, t.told && next == was, t.lapsed && next == was
	return was, next != was
}

// hold ceases to answer for a partition. The stripe is locked.
func (h *Host) hold(partition int) {
	if _, moved := h.move(partition, hold); moved {
		h.partitions[partition].Cool()
		h.tellMoved(partition)
		h.tenancies[partition].interest = nil
	}
}

// lack notes that something may be missing in a partition, if it has a role. The stripe is locked.
func (h *Host) lack(partition int, role Role) {
	if h.tenancies[partition].role == role {
		h.partitions[partition].SetWhole(false)
	}
}

// drop forgets a partition. The stripe is locked.
func (h *Host) drop(s *stripe, partition int) {
	h.hold(partition)
	h.move(partition, drop)
	h.replace(partition, h.successor(partition, shard.New))
	h.publish(s, partition)
}

// replace puts a successor in a partition's place.
func (h *Host) replace(partition int, next *shard.Partition) {
	h.partitions[partition].Leave(h.left.add)
	h.partitions[partition] = next
}

// maker is shard.New or shard.NewCopy.
type maker func(*shard.Settings, *shard.Memory, int, shard.Tick) *shard.Partition

// successor is an empty partition whose handles and orders don't fit those of the one that is here.
func (h *Host) successor(partition int, make maker) *shard.Partition {
	p := make(&h.settings, h.memory(partition), partition, h.lately())
	p.Succeed(h.partitions[partition])
	return p
}
