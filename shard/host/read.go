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

// Answer says what a view of Watch rests on.
type Answer uint8

// The answers, from nothing to all that is wished.
const (
	Missing  Answer = iota // the partition isn't here: the view is unknown, nothing is registered
	Copied                 // the view is a copy's, nothing is registered
	Glimpsed               // nothing is registered
	Warming                // registered; who isn't known to be there is unknown
	Served                 // registered
)

// Watch makes a gateway hear of every change of the ids from now on, and fills in how they look now: no change falls
// between the two. Watching again is harmless. answers[i] says how good the i-th view is.
func (h *Host) Watch(id SinkID, ids []string, views []shard.View, answers []Answer) {
	h.now() // a gap is noticed before anything is said
	for i, participant := range ids {
		k := shard.KeyOf(participant)
		n := h.partitionOf(k)
		s := h.lock(n)
		views[i], answers[i] = h.watch(id, n, k)
		s.Unlock()
	}
}

// watch is Watch of one id, whose stripe is locked.
func (h *Host) watch(id SinkID, partition int, k shard.Key) (shard.View, Answer) {
	v, answer := h.view(partition, k)
	if answer > Copied {
		h.addInterest(id, partition, k.ID)
	}
	return v, answer
}

// view is how an id looks now, and what that rests on. The stripe is locked.
func (h *Host) view(partition int, k shard.Key) (shard.View, Answer) {
	t := &h.tenancies[partition]
	if !t.answers() {
		return shard.View{}, Missing
	}
	v := h.partitions[partition].View(k)
	if t.role == Copy {
		v.Order = 0 // older than anything its owner says
		return v, Copied
	}
	if h.sure(partition, k, v.Public) == shard.Unknown {
		v = shard.View{}
	}
	if t.warm > 0 {
		return v, Warming
	}
	return v, Served
}

// Glimpse is Watch without the watching: nothing is registered.
func (h *Host) Glimpse(ids []string, views []shard.View, answers []Answer) {
	h.now() // a gap is noticed before anything is said
	for i, participant := range ids {
		k := shard.KeyOf(participant)
		n := h.partitionOf(k)
		s := h.lock(n)
		if views[i], answers[i] = h.view(n, k); answers[i] > Glimpsed {
			answers[i] = Glimpsed
		}
		s.Unlock()
	}
}

func (h *Host) addInterest(id SinkID, partition int, participant string) {
	t := &h.tenancies[partition]
	if t.interest == nil {
		t.interest = make(interest)
	}
	key := h.interestKey(participant)
	set := t.interest[key]
	set.add(id)
	t.interest[key] = set
}

// Unwatch ends a gateway's interest in ids.
func (h *Host) Unwatch(id SinkID, ids []string) {
	for _, participant := range ids {
		key := h.interestKey(participant)
		n := h.partitionOf(shard.KeyOf(participant))
		s := h.lock(n)
		h.tenancies[n].interest.remove(key, id)
		s.Unlock()
	}
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
}

// Stats adds up all partitions.
func (h *Host) Stats() Stats {
	st := Stats{
		Heartbeats: h.counters.heartbeats.Load(),
		Announces:  h.counters.announces.Load(),
		Moved:      h.counters.moved.Load(),
		Changes:    h.counters.changes.Load(),
		Stalls:     h.counters.stalls.Load(),
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
