package socket

import (
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

func (r *registry) init(tenants []tenant.Name) {
	r.conns = make(map[*conn]struct{})
	r.people = make(map[tenant.Participant]*conn)
	r.lobby.line.Init()
	r.of = make(map[tenant.Name]int64)
	for _, name := range tenants {
		r.of[name] = 0
	}
}

// enter adds a connection whose socket is open; not before, since a goroutine that finds it here
// may write to it.
func (r *registry) enter(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[c] = struct{}{}
	r.lobby.enter(c)
}

// leave removes a connection.
func (r *registry) leave(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.tenure.seated {
		r.seated--
	} else {
		r.lobby.leave(c)
	}
	delete(r.conns, c)
	r.drop(c)
}

// name files a connection under its participant and device, unless the participant has limit
// sockets already. Those of the same device don't count: they are about to be replaced, and if they
// are half open nothing else would let the person in.
func (r *registry) name(c *conn, participant tenant.Participant, device string, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	others := 0
	for other := r.people[participant]; other != nil; other = other.tenure.next {
		if device == "" || other.tenure.device != device {
			others++
		}
	}
	if others >= limit {
		return false
	}
	t := &c.tenure
	t.participant, t.device, t.next = participant, device, r.people[participant]
	r.people[participant] = c
	r.tally(participant, 1)
	return true
}

// hide has evictions pass the connection over, or find it again.
func (r *registry) hide(c *conn, hidden bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.tenure.hidden = hidden
}

// unname undoes name.
func (r *registry) unname(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(c)
}

func (r *registry) drop(c *conn) {
	t := &c.tenure
	if t.participant == "" {
		return
	}
	switch first := r.people[t.participant]; {
	case first != c:
		for first.tenure.next != c {
			first = first.tenure.next
		}
		first.tenure.next = t.next
	case t.next != nil:
		r.people[t.participant] = t.next
	default:
		delete(r.people, t.participant)
	}
	r.tally(t.participant, -1)
	*t = tenure{seated: t.seated}
}

// tally counts a socket of a participant, if its tenant is counted. The caller holds mu.
func (r *registry) tally(p tenant.Participant, by int64) {
	if n, counted := r.of[p.Tenant()]; counted {
		r.of[p.Tenant()] = n + by
	}
}

// ofTenants is how many sockets the tenants have that are counted.
func (r *registry) ofTenants() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string]int64, len(r.of))
	for name, n := range r.of {
		all[string(name)] = n
	}
	return all
}

// noteSession notes the session that Attach returned; from now on evictions find the connection.
func (r *registry) noteSession(c *conn, session shard.Version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.tenure.session = session
}

// evict returns the connections that an eviction means.
func (r *registry) evict(e cluster.Eviction) []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	var gone []*conn
	for c := r.people[tenant.Participant(e.Participant)]; c != nil; c = c.tenure.next {
		t := &c.tenure
		if t.session != 0 && t.session < e.Below && t.device == e.Device && !t.hidden {
			gone = append(gone, c)
		}
	}
	return gone
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seated + r.lobby.taken
}

func (r *registry) all() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	conns := make([]*conn, 0, len(r.conns))
	for c := range r.conns {
		conns = append(conns, c)
	}
	return conns
}

// close lets no connection in any more.
func (r *registry) close() []*conn {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	return r.all()
}
