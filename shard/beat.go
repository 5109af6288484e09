package shard

// Ref is a device's handle within its partition. It fits as long as the same session holds the same
// device here.
type Ref struct {
	Slot       uint32
	Generation uint32
}

// Outcome says how an operation on a device ended.
type Outcome uint8

// The outcomes.
const (
	Done     Outcome = iota
	Moved            // the handle is stale: announce by name
	Replaced         // a newer session holds the device
	Gone             // the device was signed out after this session began
	TooMany          // the participant has Settings.MaxDevices live devices
	Full             // the partition's Memory has no slots left (8 million), or no weight is left (see weight.go)
	NotMine          // a host's answer: it doesn't serve the partition
	Attended         // the answer to Rest: a heartbeat by name has come lately
	Erased           // the message is from before the erasure of a participant

	TooManyExceptions // the participant has Settings.MaxExceptions, and no window can make room
	TooManyClaims     // the participant has MaxClaims live ones of other sources
)

// Touch is a heartbeat by handle of a device whose activity is what it was, of whichever partition.
// It reads and writes one word pair and leaves the wheel alone.
func (m *Memory) Touch(now Tick, r Ref) Outcome {
	d := m.pulseIf(r.Slot)
	if d == nil || d.generation != r.Generation || r.Generation == 0 {
		return Moved
	}
	d.deadline = now.after(m.settings.Deadline)
	return Done
}

// Report is a heartbeat by handle that may bring another activity.
func (p *Partition) Report(now Tick, r Ref, a Activity) Outcome {
	if o := p.Touch(now, r); o != Done || p.device(r.Slot).said.activity() == a {
		return o
	}
	who := p.participantOf(r.Slot)
	before := p.look(who)
	p.setActivity(r.Slot, a)
	p.settle(who, before)
	return Done
}

func (p *Partition) setActivity(d uint32, a Activity) {
	if dev := p.device(d); dev.said.activity() != a {
		dev.said = dev.said.with(a)
		dev.flips = max(dev.flips, dev.flips+1) // stays at the top: there the more awake one wins a merge
	}
}

// Announcement brings a socket's device by name.
type Announcement struct {
	Participant Key
	Device      string
	Activity    Activity
	Session     Version // of the hello
}

// Announce brings a device by name, with the session of its socket's hello: the first time, and
// again whenever its handle has become stale. taken is set when the device was another, older
// session's.
func (p *Partition) Announce(now Tick, a Announcement) (r Ref, taken bool, o Outcome) {
	if erased := p.erasedUntil(a.Participant); erased != 0 && a.Session <= erased {
		return Ref{}, false, Gone
	}
	who := p.find(a.Participant)
	d := none
	if who != none {
		d = p.findDevice(who, a.Device)
	}
	if d == none {
		r, o = p.join(now, who, a)
		return r, false, o
	}
	dev := p.device(d)
	switch {
	case dev.status == signedOut && a.Session <= dev.session():
		return Ref{}, false, Gone
	case a.Session < dev.session():
		return Ref{}, false, Replaced
	case !dev.status.present() && p.atLimit(who):
		return Ref{}, false, TooMany
	}
	taken = dev.status.present() && dev.session() < a.Session
	return p.take(now, who, d, a), taken, Done
}

// Heartbeat is a sign of life by name, without a socket. A device that is gone comes back with
// stamp as its session; to one that is there stamp means nothing.
func (p *Partition) Heartbeat(now Tick, k Key, deviceID string, activity Activity, stamp Version) Outcome {
	who := p.find(k)
	if who == none {
		_, o := p.join(now, none, Announcement{k, deviceID, activity, stamp})
		return o
	}
	d := p.findDevice(who, deviceID)
	if d != none && p.device(d).status == live {
		if p.silentSince(d) {
			p.note(who) // its first sign since a promotion: the backup takes it for dead else, if it is promoted too
		}
		p.pulse(d).deadline = now.after(p.settings.Deadline)
		p.named(now, d)
		if p.device(d).said.activity() != activity {
			return p.Report(now, Ref{d, p.pulse(d).generation}, activity)
		}
		return Done
	}
	return p.heartbeatAgain(now, who, d, Announcement{k, deviceID, activity, stamp})
}

// heartbeatAgain is a heartbeat of a device that isn't live.
func (p *Partition) heartbeatAgain(now Tick, who, d uint32, a Announcement) Outcome {
	if d == none {
		_, o := p.join(now, who, a)
		return o
	}
	if !p.device(d).status.present() && p.atLimit(who) {
		return TooMany
	}
	if p.device(d).status != signedOut {
		a.Session = p.device(d).session() // its socket, if it still has one, keeps it
	}
	p.take(now, who, d, a)
	return Done
}

// join makes a record for a device, and for its participant if who is none.
func (p *Partition) join(now Tick, who uint32, a Announcement) (Ref, Outcome) {
	if who != none && p.atLimit(who) {
		return Ref{}, TooMany
	}
	if !p.hasRoom() {
		return Ref{}, Full
	}
	if who == none {
		who = p.addParticipant(a.Participant)
	}
	d := p.addDevice(who, a.Device)
	return p.take(now, who, d, a), Done
}

// take gives a device to a session and makes it live. Every handle but the one returned is stale,
// unless the same session had it live already: then its handle stays.
func (p *Partition) take(now Tick, who, d uint32, a Announcement) Ref {
	before := p.look(who)
	dev := p.device(d)
	if dev.status != live || dev.session() != a.Session {
		p.renew(d)
	}
	if !dev.status.present() {
		p.counts.Devices++
	}
	if dev.session() != a.Session {
		dev.setSession(a.Session)
		dev.flips = 0
		dev.said = said(a.Activity)
	}
	p.setActivity(d, a.Activity)
	dev.status = live
	p.pulse(d).deadline = now.after(p.settings.Deadline)
	p.file(who)
	p.settle(who, before)
	return Ref{d, p.pulse(d).generation}
}

func (p *Partition) atLimit(who uint32) bool {
	n := 0
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		if p.device(d).status.present() {
			n++
		}
	}
	return n >= p.settings.MaxDevices
}
