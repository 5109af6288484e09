package replica

import "github.com/scaiwave/presence/cluster/link"

// Assign sets the backup of a partition that is served here. Zero: there is none. Another one than
// before is filled, and so is one that was out of sight in between.
func (m *Mirror) Assign(partition int, target link.Name) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.parts[partition]
	none := target == (link.Name{})
	known := none && p.filled || !none && m.streams[target] != nil
	if m.closed || p.target == target && known {
		return
	}
	p.target, p.queued = target, false
	p.forgetPending()
	p.fill, p.filled, p.got, p.kept = !none, none, 0, 0
	if none {
		p.reached(p.put, p.put)
		return
	}
	if m.streams[target] == nil {
		m.start(target)
	}
	m.queue(partition)
}

// Refill has backups sent everything once more.
func (m *Mirror) Refill(partitions []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range partitions {
		if p := &m.parts[n]; p.target != (link.Name{}) {
			p.lacks()
			m.queue(n)
		}
	}
}

// Release ends the replication of a partition that isn't served any more. Calls that wait for it
// are told so, and can ask its next owner.
func (m *Mirror) Release(partition int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.parts[partition]
	p.answerAll(Missed)
	p.target, p.filled, p.fill, p.queued = link.Name{}, false, false, false
	p.forgetPending()
}

// Prune ends the streams to nodes that have gone.
func (m *Mirror) Prune(isThere func(name link.Name) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, s := range m.streams {
		if !isThere(name) {
			s.stop()
			delete(m.streams, name)
		}
	}
}

// Close ends all streams, and waits for them.
func (m *Mirror) Close() {
	m.mu.Lock()
	m.closed = true
	for _, s := range m.streams {
		s.stop()
	}
	m.mu.Unlock()
	m.running.Wait()
}
