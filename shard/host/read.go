package host

import (
	"time"

	"github.com/scaiwave/presence/shard"
)

// Record is all about one participant, as one viewer sees it.
type Record struct {
	State    shard.State // what the viewer sees
	Self     shard.State // what the participant itself sees
	LastSeen time.Time   // what the viewer sees; zero: not known
	TrueSeen time.Time   // what the participant itself sees; zero: not known
	Override shard.Override
	Devices  []Device // live ones, in the order they came; only if asked for
}

// Device is one live device of a Record.
type Device struct {
	ID       string
	Activity shard.Activity
	LastSeen time.Time
}

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Devices are filled in only if asked for.
func (h *Host) Inspect(viewer, id string, devices bool) Record {
	k, v := shard.KeyOf(id), shard.KeyOf(viewer)
	n, now := h.partitionOf(k), h.now()
	s := h.lock(n)
	defer s.Unlock()
	r := h.partitions[n].Record(now, k, v, devices)
	out := Record{
		State: r.State, Self: r.Self, Override: r.Override,
		LastSeen: h.timeOf(r.LastSeen), TrueSeen: h.timeOf(r.TrueSeen),
	}
	for _, d := range r.Devices {
		out.Devices = append(out.Devices, Device{d.ID, d.Activity, h.timeOf(d.LastSeen)})
	}
	return out
}

// timeOf is the time of a tick, zero for tick 0. A stripe must be locked.
func (h *Host) timeOf(t shard.Tick) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(h.settings.Time(t))
}

// Watch makes a gateway hear of every change of the ids from now on, and fills in how they look now: no change falls
// between the two. Watching again is harmless.
func (h *Host) Watch(id SinkID, ids []string, views []shard.View) {
	for i, participant := range ids {
		k := shard.KeyOf(participant)
		n := h.partitionOf(k)
		s := h.lock(n)
		if s.interest == nil {
			s.interest = make(interest)
		}
		key := h.interestKey(participant)
		set := s.interest[key]
		set.add(id)
		s.interest[key] = set
		views[i] = h.partitions[n].View(k)
		s.Unlock()
	}
}

// Unwatch ends a gateway's interest in ids.
func (h *Host) Unwatch(id SinkID, ids []string) {
	for _, participant := range ids {
		key := h.interestKey(participant)
		s := h.lock(h.partitionOf(shard.KeyOf(participant)))
		set := s.interest[key]
		if set.remove(id); set == (sinkSet{}) {
			delete(s.interest, key)
		} else {
			s.interest[key] = set
		}
		s.Unlock()
	}
}

// Stats are the figures of a host.
type Stats struct {
	shard.Counts
	Partitions int
	Watched    int   // ids that some gateway watches
	Heartbeats int64 // by name and by handle
	Announces  int64 // devices brought by name with a session
	Moved      int64 // heartbeats by a stale handle
	Stalls     int64 // times in which the process stood still for over a second
}

// Stats adds up all partitions.
func (h *Host) Stats() Stats {
	st := Stats{
		Partitions: len(h.partitions),
		Heartbeats: h.counters.heartbeats.Load(),
		Announces:  h.counters.announces.Load(),
		Moved:      h.counters.moved.Load(),
		Stalls:     h.counters.stalls.Load(),
	}
	for i, p := range h.partitions {
		s := h.lock(i)
		c := p.Counts()
		if i < stripeCount {
			st.Watched += len(s.interest)
		}
		s.Unlock()
		st.Participants += c.Participants
		st.Devices += c.Devices
		st.Records += c.Records
		st.Overrides += c.Overrides
		st.Windows += c.Windows
	}
	return st
}
