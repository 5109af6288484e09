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
	Status   shard.Status // what the viewer sees; zero: none

	// For the participant itself and admins: only if asked for.
	Devices       []Device      // live ones, in the order they came
	OverrideUntil int64         // Unix milliseconds; 0: it has no end
	Claims        []shard.Claim // live ones, in the order of their sources
}

// Device is one live device of a Record.
type Device struct {
	ID       string
	Activity shard.Activity
	LastSeen time.Time
}

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Inside asks for
// what is for the participant itself. ok is false if the partition is neither served nor copied
// here.
func (h *Host) Inspect(viewer, id string, inside bool) (out Record, ok bool) {
	return h.JudgedInspect(viewer, Judged{ID: id}, inside)
}

// JudgedInspect is Inspect with a backend's word on the id.
func (h *Host) JudgedInspect(viewer string, asked Judged, inside bool) (out Record, ok bool) {
	id, said := asked.ID, asked.Said
	k, v := shard.KeyOf(id), h.Viewer(viewer)
	n, now := h.partitionOf(k), h.now()
	s := h.lock(n)
	defer s.Unlock()
	if h.answer(n) == Missing {
		return Record{}, false
	}
	r := h.partitions[n].JudgedRecord(now, k, v, said, inside)
	out = Record{
		State: r.State, Self: r.Self, Override: r.Override,
		LastSeen: h.timeOf(r.LastSeen), TrueSeen: h.timeOf(r.TrueSeen),
		Status: r.Status, OverrideUntil: r.OverrideUntil, Claims: r.Claims,
	}
	if r.Coarse {
		out.LastSeen = dayOf(out.LastSeen)
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

// dayOf is the beginning of the day in UTC; zero stays zero.
func dayOf(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Truncate(24 * time.Hour)
}

// Watch makes a gateway hear of every change of what is asked about from now on, and answers how it
// is now: no change falls between the two. What had changed before is handed over first; then, with
// nothing more handed over meanwhile, then is called. So a gateway hears of everything in the order
// in which it happened, answers included: one that took a view from an answer before the exceptions
// that are older would show a participant that hides as offline to a friend, and as online a moment
// later. Watching again is harmless.
func (h *Host) Watch(id SinkID, questions []Question, sights []Sight, then func()) {
	h.now() // a gap is noticed before anything is said
	o := h.sinks.get(id)
	o.handing.Lock()
	defer o.handing.Unlock()
	for i := range questions {
		sights[i] = h.watch(id, &questions[i])
	}
	o.hand()
	then()
}

func (h *Host) watch(id SinkID, q *Question) Sight {
	k := shard.KeyOf(q.ID)
	n := h.partitionOf(k)
	defer h.lock(n).Unlock()
	s := h.sight(n, k, q)
	if s.Answer.fromOwner() {
		h.addInterest(id, n, k.ID)
	}
	return s
}

// sight is how an id is now. The stripe is locked.
func (h *Host) sight(partition int, k shard.Key, q *Question) Sight {
	s := Sight{Answer: h.answer(partition)}
	if s.Answer == Missing {
		return s
	}
	p := h.partitions[partition]
	s.View, s.Trusts = p.View(k), p.Trusts(k, q.Viewers)
	if q.With&shard.WithStatus != 0 {
		s.View.Sayings = p.Sayings(k)
	}
	if s.Answer == Copied {
		s.View.Order = 0 // older than anything its owner says
	}
	return s
}

// Glimpse is Watch without the watching: nothing is registered.
func (h *Host) Glimpse(questions []Question, sights []Sight) {
	h.now() // a gap is noticed before anything is said
	for i := range questions {
		k := shard.KeyOf(questions[i].ID)
		n := h.partitionOf(k)
		s := h.lock(n)
		sights[i] = h.sight(n, k, &questions[i])
		s.Unlock()
		sights[i].Answer = min(sights[i].Answer, Glimpsed)
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
	Erasures   int   // that partitions remember
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
		c, served, watched := h.partitions[i].Counts(), h.answer(i).fromOwner(), len(h.tenancies[i].interest)
		erased := len(h.partitions[i].Erased())
		s.Unlock()
		if !served {
			continue
		}
		st.Partitions++
		st.Erasures += erased
		st.Watched += watched
		st.Participants += c.Participants
		st.Devices += c.Devices
		st.Records += c.Records
		st.Overrides += c.Overrides
		st.Windows += c.Windows
		st.Edges += c.Edges
		st.Blocks += c.Blocks
	}
	return st
}
