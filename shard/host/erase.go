package host

import (
	"slices"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Erase forgets a participant, and has the sockets of its devices closed. Others' windows with it
// are forgotten in its own partition only: the erasure that it returns is for Strike, here and
// elsewhere.
func (h *Host) Erase(participant string) (e shard.Erasure, o shard.Outcome) {
	k := shard.KeyOf(participant)
	n := h.partitionOf(k)
	o = h.change(k, func(p *shard.Partition) shard.Outcome {
		var devices []string
		stamp := h.stamps.next() // above all that is here: observed, or made before
		e, devices = p.Erase(k, stamp, h.stamps.wall().UnixMilli())
		for _, d := range devices {
			h.evict(n, Eviction{participant, d, e.Version + 1, EvictSignedOut})
		}
		return shard.Done
	})
	return e, o
}

// Strike forgets what is here of participants that were erased, in every partition, whatever its
// role. Served are the partitions that were served meanwhile, and told those of them that remember
// such an erasure: their backup has to.
func (h *Host) Strike(all shard.Erasures) (served, told []int) {
	h.now() // a gap is noticed before anything is said
	sought := shard.Seek(all, len(h.partitions))
	for _, e := range all {
		_ = h.stamps.observe(e.Version) // what is said about the erased from here on is newer; or a clock is wrong
	}
	for i := range h.partitions {
		s := h.lock(i)
		remembered := h.partitions[i].Strike(sought, i)
		if h.answer(i).fromOwner() {
			served = append(served, i)
			if remembered {
				told = append(told, i)
			}
		}
		h.publish(s, i)
		s.Unlock()
	}
	return served, told
}

// Remembered are the erasures that a partition remembers.
type Remembered struct {
	Partition int
	All       shard.Erasures
}

// Erasures are those that partitions served here remember, where they aren't what is known already
// by its digest; those not known have 0. If there are more than most, some more must be asked for.
func (h *Host) Erasures(known map[int]uint64, most int) (news []Remembered, more bool) {
	total := 0
	for i := range h.partitions {
		s := h.lock(i)
		all := h.partitions[i].Erased()
		if h.answer(i).fromOwner() && all.Digest() != known[i] {
			if more = total > 0 && total+len(all) > most; !more {
				news = append(news, Remembered{i, slices.Clone(all)})
				total += len(all)
			}
		}
		s.Unlock()
		if more {
			break
		}
	}
	return news, more
}

// Struck is how much was forgotten here, or not taken in, because of erasures.
func (h *Host) Struck() int64 { return h.counters.struck.Load() }

// Account is all that is known of a participant.
type Account struct {
	Override   shard.Override
	OverrideAt time.Time // when it was picked; zero: never
	ShownSeen  time.Time // the last sign of life that strangers are told of while it hides; zero: none
	Kind       shard.Kind
	KindAt     time.Time // when it was registered; zero: never
	LastSeen   time.Time // zero: not known
	Devices    []KeptDevice
	Windows    []KeptWindow // the latest message first

	Status        KeptStatus    // the latest; zero: none
	Stood         KeptStatus    // what strangers see while it hides, or saw, if that is another one
	OverrideUntil int64         // Unix milliseconds; 0: it has no end
	Claims        []shard.Claim // live ones, in the order of their sources
	Availability  shard.Availability
}

// KeptStatus is a status of an Account.
type KeptStatus struct {
	shard.Status
	Public bool // it reaches everyone, whatever the override
	Since  time.Time
}

// Said is what a participant has said about who may see it.
type Said struct {
	Counts shard.Visibility // set or not
	Set    shard.Visibility // as it was set
	Blocks []KeptBlock      // in the order of the viewers' bytes
	Edges  []KeptEdge       // in the order of the viewers' hashes
	Opaque shard.Opaque     // facts of a newer version
}

// KeptBlock is a viewer that is blocked.
type KeptBlock struct {
	Viewer string
	Since  time.Time
}

// KeptEdge is what a backend said about a viewer. Its name isn't kept, but a hash of it.
type KeptEdge struct {
	Viewer uint64
	Allow  shard.Allowance
	Since  time.Time
	End    time.Time // zero: it has none
}

// KeptDevice is a device that is there, or is remembered.
type KeptDevice struct {
	ID       string
	Standing shard.Standing
	Activity shard.Activity
	LastSeen time.Time // zero: not known
	Since    time.Time // when it connected; signed out: when that was
}

// KeptWindow is an open direct-message window.
type KeptWindow struct {
	Peer string
	At   time.Time // of the latest message
	End  time.Time
}

// Account reads all that is known of a participant. ok is false if its partition is neither served
// nor copied here.
func (h *Host) Account(id string) (out Account, ok bool) {
	k := shard.KeyOf(id)
	n, now := h.partitionOf(k), h.now()
	s := h.lock(n)
	defer s.Unlock()
	if h.answer(n) == Missing {
		return Account{}, false
	}
	held := h.partitions[n].Account(now, k)
	out = Account{
		Override: held.Override, OverrideAt: timeOfVersion(held.OverrideAt), ShownSeen: h.timeOf(held.Frozen),
		Kind: held.Kind, KindAt: timeOfVersion(held.KindAt), LastSeen: h.timeOf(held.LastSeen),
		Status: keptStatus(held.Status), Stood: keptStatus(held.Stood),
		OverrideUntil: held.OverrideUntil, Claims: held.Claims, Availability: held.Availability,
	}
	for _, d := range held.Devices {
		out.Devices = append(out.Devices, KeptDevice{
			d.ID, d.Status, d.Activity, h.timeOf(d.LastSeen), timeOfVersion(d.Since),
		})
	}
	for _, w := range held.Windows {
		end := time.UnixMilli(w.At + h.settings.WindowMillis)
		out.Windows = append(out.Windows, KeptWindow{w.Peer, time.UnixMilli(w.At), end})
	}
	return out, true
}

func keptStatus(s shard.KeptStatus) KeptStatus {
	return KeptStatus{s.Status, s.Public, timeOfVersion(s.Since)}
}

// Said reads what a participant has said about who may see it. ok is false if its partition is
// neither served nor copied here.
func (h *Host) Said(participant string) (out Said, ok bool) {
	k := shard.KeyOf(participant)
	n := h.partitionOf(k)
	h.now() // a gap is noticed before anything is said
	s := h.lock(n)
	defer s.Unlock()
	if h.answer(n) == Missing {
		return Said{}, false
	}
	said := h.partitions[n].Said(k)
	out.Counts, out.Set, out.Opaque = said.Counts, said.Set, said.Opaque
	for _, b := range said.Blocks {
		out.Blocks = append(out.Blocks, KeptBlock{b.Viewer, timeOfVersion(b.Since)})
	}
	for _, e := range said.Edges {
		one := KeptEdge{Viewer: e.Viewer, Allow: e.Allow, Since: timeOfVersion(e.Since)}
		if e.Until != 0 {
			one.End = time.UnixMilli(e.Until)
		}
		out.Edges = append(out.Edges, one)
	}
	return out, true
}

// timeOfVersion is when a version was made, by its maker's clock; zero for none.
func timeOfVersion(v shard.Version) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMilli(v.Millis())
}
