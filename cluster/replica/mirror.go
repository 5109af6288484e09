package replica

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/link"
)

// Host has the partitions that are served here.
type Host interface {
	// Snapshot is all there is of a partition. whole is false if something may have been lost
	// before.
	Snapshot(partition int) (snapshot []byte, whole bool)
}

// Journal keeps on a disk what is put.
type Journal interface {
	Records(partition int, records, extras []byte)
}

// Peers are the other nodes.
type Peers interface {
	// Call asks one of them something, by whichever way works. read reads the answer.
	Call(ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, read func([]byte) error) error
	// Answers reports whether one answers pulses on a connection of that class.
	Answers(name link.Name, class link.Class) bool
	// IsCutOff reports whether one is silent on its links, and answers gossip. It may take a
	// second.
	IsCutOff(name link.Name) bool
}

// Mirror is the owner's half: it keeps the backups of the partitions that this node serves. All
// methods are safe for concurrent use.
type Mirror struct {
	// static
	peers   Peers
	host    Host    // by Bind
	journal Journal // likewise
	running sync.WaitGroup

	failures atomic.Int64
	refused  atomic.Int64 // facts

	mu      sync.Mutex
	number  uint64 // of the last call
	parts   []part
	streams map[link.Name]*stream
	closed  bool
	flips   int // that wait, whatever for
}

// NewMirror makes one for so many partitions, of which none is served yet.
func NewMirror(partitions int, peers Peers) *Mirror {
	return &Mirror{peers: peers, parts: make([]part, partitions), streams: make(map[link.Name]*stream)}
}

// Bind says where the partitions are, and their disk. Once, before anything is put: a host is made
// with its mirror.
func (m *Mirror) Bind(h Host, j Journal) { m.host, m.journal = h, j }

// maxPending is how many bytes of records may wait for a partition's backup before a snapshot is
// cheaper.
const maxPending = 1 << 20

// Put takes records from the host, under the partition's lock.
func (m *Mirror) Put(partition int, records, extras []byte) {
	m.journal.Records(partition, records, extras)
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.parts[partition]
	p.put++
	switch {
	case p.target == (link.Name{}):
		if p.filled {
			p.got, p.kept = p.put, p.put
		}
		return
	case !p.fill:
		p.pending, p.extras = append(p.pending, records...), append(p.extras, extras...)
		if len(p.pending)+len(p.extras) > maxPending {
			p.forgetPending()
			p.fill = true
		}
	}
	m.queue(partition)
}

// queue puts a partition on its stream's list. m.mu is held.
func (m *Mirror) queue(partition int) {
	p := &m.parts[partition]
	if s := m.streams[p.target]; s != nil && !p.queued {
		p.queued = true
		s.add(partition)
	}
}

// Backup returns the backup that a partition has. Zero: there is none.
func (m *Mirror) Backup(partition int) link.Name {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts[partition].target
}

// InMemory reports whether the backup has all of a partition in memory, or there is none.
func (m *Mirror) InMemory(partition int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts[partition].inMemory()
}

// InMemoryAt reports whether a partition is served here and target, as its backup, has all of it in
// memory; with the zero target, whether it needs no backup.
func (m *Mirror) InMemoryAt(partition int, target link.Name) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.parts[partition]
	return p.target == target && p.inMemory()
}

// Stats are a mirror's figures.
type Stats struct {
	Failures int64 // calls that failed, or of which something was refused
	Waiting  int   // facts that wait for backups now
	Refused  int64 // facts for which nobody waited to the end
}

// Stats are the figures now.
func (m *Mirror) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	st := Stats{Failures: m.failures.Load(), Refused: m.refused.Load()}
	for _, s := range m.streams {
		st.Waiting += s.waiting
	}
	return st
}
