package host

import "github.com/scaiwave/presence/shard"

// Question asks how an id looks, and which of some viewers have an exception for it.
type Question struct {
	ID      string
	Viewers []shard.Key // shard.MaxViewers at most; neither the participant itself nor a stranger needs to be asked for
}

// Sight answers a Question, from one critical section.
type Sight struct {
	View     shard.View
	Excepted uint64 // bit i: the i-th of the question's viewers has an exception
	Answer   Answer
}

// Answered reports whether somebody could tell.
func (s *Sight) Answered() bool { return s.Answer != Missing }

// Answer says what a Sight rests on.
type Answer uint8

// The answers, from nothing to all that is wished.
const (
	Missing  Answer = iota // the partition isn't here: the view is unknown, nothing is registered
	Copied                 // the view is a copy's, nothing is registered
	Glimpsed               // nothing is registered
	Warming                // registered; who isn't known to be there is unknown
	Served                 // registered
)

// Watch makes a gateway hear of every change of what is asked about from now on, and answers how it is now: no change
// falls between the two. What had changed before is handed over first; then, with nothing more handed over meanwhile,
// then is called. So a gateway hears of everything in the order in which it happened, answers included: one that took a
// view from an answer before the exceptions that are older would show somebody who hides now as offline to a friend,
// and as there a moment later. Watching again is harmless.
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
	if s.Answer > Copied {
		h.addInterest(id, n, k.ID)
	}
	return s
}

// sight is how an id is now. The stripe is locked.
func (h *Host) sight(partition int, k shard.Key, q *Question) Sight {
	t := &h.tenancies[partition]
	if !t.answers() {
		return Sight{}
	}
	p := h.partitions[partition]
	s := Sight{View: p.View(k), Excepted: p.Exceptions(k, q.Viewers), Answer: Served}
	switch {
	case t.role == Copy:
		s.View.Order = 0 // older than anything its owner says
		s.Answer = Copied
		return s
	case t.warm > 0:
		s.Answer = Warming
	}
	if h.sure(partition, k, s.View.Public) == shard.Unknown {
		s.View = shard.View{Order: s.View.Order}
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
