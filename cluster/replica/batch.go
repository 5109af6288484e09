package replica

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// next is a number for a call: what is loaded afterwards is newer than what was loaded under a
// lower one, to the same target.
func (m *Mirror) next() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	return m.number
}

// load takes the next batch off a stream's list.
func (m *Mirror) load(s *stream) (batch []Shipment) {
	for size := 0; size < message.MaxBatch; {
		b, fill, more := m.unload(s, batch)
		if !more {
			break
		}
		if fill && !m.snapshot(&b, s.target) {
			continue
		}
		batch, size = append(batch, b), size+len(b.Bytes)
	}
	return batch
}

// unload takes one partition off a stream's list, with its records, to go behind a batch. fill
// reports whether it needs a snapshot, which is made without m.mu: the host's locks come before it.
func (m *Mirror) unload(s *stream, batch []Shipment) (b Shipment, fill, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(s.dirty) > 0 {
		n := s.dirty[0]
		s.dirty = s.dirty[1:]
		p := &m.parts[n]
		if p.target != s.target || !p.queued {
			continue
		}
		b, fill = Shipment{Partition: n, put: p.put, Bytes: p.pending}, p.fill
		if len(p.extras) > 0 {
			b.Kind, b.Bytes = Extended, shard.Extended(p.pending, p.extras)
		}
		p.queued, p.fill = false, false
		p.forgetPending()
		if !fill && len(b.Bytes) == 0 {
			p.passOver(latestOf(batch, n))
			continue
		}
		return b, fill, true
	}
	return b, false, false
}

// latestOf is the last shipment of a partition in a batch, or nil.
func latestOf(batch []Shipment, partition int) *Shipment {
	for i := len(batch) - 1; i >= 0; i-- {
		if batch[i].Partition == partition {
			return &batch[i]
		}
	}
	return nil
}

// snapshot makes a shipment of everything. It returns false if the partition was released: what the
// snapshot shows may be what was left of it.
func (m *Mirror) snapshot(b *Shipment, target link.Name) bool {
	var whole bool
	b.Bytes, whole = m.host.Snapshot(b.Partition)
	if b.Kind = Whole; !whole {
		b.Kind = Partial
	}
	return m.Backup(b.Partition) == target
}

// note notes what a batch has come to. It reports whether something of it must be sent again.
func (m *Mirror) note(s *stream, batch []Shipment, answers []byte, err error) (failed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.call = 0
	if err == nil {
		s.slow = false
	}
	for i, b := range batch {
		p := &m.parts[b.Partition]
		switch {
		case p.target != s.target || m.streams[s.target] != s: // nobody asks any more
		case err != nil || answers[i] == answerRefused:
			failed = true
			p.lacks()
			if !p.queued {
				p.queued = true
				s.refused = append(s.refused, b.Partition)
			}
		case !p.fill: // else records were dropped meanwhile, and the fill brings them
			p.filled = p.filled || b.Kind.Fills()
			kept := uint64(0)
			if answers[i] == answerKept {
				kept = b.put
			}
			p.reached(b.put, kept)
		}
	}
	return failed
}
