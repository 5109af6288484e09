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

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Devices are filled in only if asked
// for. ok is false if the partition is neither served nor copied here.
func (h *Host) Inspect(viewer, id string, devices bool) (out Record, ok bool) {
	k, v := shard.KeyOf(id), shard.KeyOf(viewer)
	n, now := h.partitionOf(k), h.now()
	s := h.lock(n)
	defer s.Unlock()
	t := &h.tenancies[n]
	if !t.answers() {
		return Record{}, false
	}
	r := h.partitions[n].Record(now, k, v, devices)
	out = Record{
		State: h.sure(n, k, r.State), Self: h.sure(n, k, r.Self), Override: r.Override,
		LastSeen: h.timeOf(r.LastSeen), TrueSeen: h.timeOf(r.TrueSeen),
	}
	if out.State == shard.Unknown || h.mayHide(n, k) {
		out.LastSeen = time.Time{} // it would tell what the state doesn't
	}
	for _, d := range r.Devices {
		out.Devices = append(out.Devices, Device{d.ID, d.Activity, h.timeOf(d.LastSeen)})
	}
	return out, true
}

// timeOf is the time of a tick, zero for tick 0. A stripe must be locked.
func (h *Host) timeOf(t shard.Tick) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(h.settings.Time(t))
}

// Stats are the figures of a host.
type Stats struct {
	shard.Counts
	Partitions int   // served
	Watched    int   // ids that some gateway watches
	Heartbeats int64 // by name and by handle
	Announces  int64 // devices brought by name with a session
	Moved      int64 // heartbeats by a stale handle
	Changes    int64 // looks that changed, watched or not
	Stalls     int64 // times in which the process stood still for over a second
	AskedAnew  int64 // ids about whose exceptions a gateway had to ask anew: more had changed than is kept for it
}

// Stats adds up all partitions.
func (h *Host) Stats() Stats {
	st := Stats{
		Heartbeats: h.counters.heartbeats.Load(),
		Announces:  h.counters.announces.Load(),
		Moved:      h.counters.moved.Load(),
		Changes:    h.counters.changes.Load(),
		Stalls:     h.counters.stalls.Load(),
		AskedAnew:  h.counters.askedAnew.Load(),
	}
	for i := range h.partitions {
		s := h.lock(i)
		c, role, watched := h.partitions[i].Counts(), h.tenancies[i].role, len(h.tenancies[i].interest)
		s.Unlock()
		if role != Serving {
			continue
		}
		st.Partitions++
		st.Watched += watched
		st.Participants += c.Participants
		st.Devices += c.Devices
		st.Records += c.Records
		st.Overrides += c.Overrides
		st.Windows += c.Windows
	}
	return st
}
