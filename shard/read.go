package shard

// State is what viewer sees of a participant; the zero viewer is a stranger.
func (p *Partition) State(k Key, viewer Viewer) State { return p.JudgedState(k, viewer, Stranger) }

// JudgedState is State with what a backend says of the pair: Trusted or Denied.
func (p *Partition) JudgedState(k Key, viewer Viewer, said Trust) State {
	who := p.find(k)
	return p.shown(k, who).see(k.ID == viewer.ID, max(said, p.trust(who, viewer.Hash)))
}

// View is how a participant looks to everybody.
func (p *Partition) View(k Key) View {
	who := p.find(k)
	v := p.shown(k, who).view(p.order)
	if who != none && v.Public != Unknown {
		v.Version = p.overrideVersion(who)
	}
	v.Doubt = p.warming != 0 && v.Public != Unknown
	return v
}

// Record is all about a participant, as one viewer sees it.
type Record struct {
	State    State // what the viewer sees
	Self     State // what the participant itself sees
	LastSeen Tick  // what the viewer sees; 0: not known
	Coarse   bool  // of LastSeen the viewer is told the day alone
	TrueSeen Tick  // what the participant itself sees; 0: not known
	Override Override
	Status   Status // what the viewer sees

	// Only if asked for.
	Devices       []Device // live ones, in the order they came
	OverrideUntil int64    // Unix milliseconds; 0: it has no end
	Claims        []Claim  // live ones, in the order of their sources
}

// Device is a live device of a Record.
type Device struct {
	ID       string
	Activity Activity
	LastSeen Tick
}

// Record reads one participant for a viewer. Devices and claims are read only for those who may see
// them, inside: the time it takes would tell the others.
func (p *Partition) Record(now Tick, k Key, viewer Viewer, inside bool) Record {
	return p.JudgedRecord(now, k, viewer, Stranger, inside)
}

// JudgedRecord is Record with what a backend says of the pair: Trusted or Denied.
func (p *Partition) JudgedRecord(now Tick, k Key, viewer Viewer, said Trust, inside bool) Record {
	who := p.find(k)
	if who == none {
		l := p.shown(k, none)
		return Record{State: l.see(k.ID == viewer.ID, said), Self: l.self}
	}
	l, self, trust := p.shown(k, who), k.ID == viewer.ID, max(said, p.trust(who, viewer.Hash))
	trueSeen := p.remembered(now, p.lastSeen(who))
	r := Record{
		State: l.see(self, trust), Self: l.self, Override: l.override,
		LastSeen: trueSeen, TrueSeen: trueSeen,
		Status: p.statusFor(k, who, l, self, trust),
	}
	if inside {
		r.Devices = p.liveDevices(who)
		r.OverrideUntil, r.Claims = p.overrideUntil(who), p.liveClaims(who)
	}
	if !self {
		r.LastSeen, r.Coarse = p.veil(now, who, trueSeen, l, trust)
	}
	if !p.knowsBeside(k, who, r.State, self) {
		r.LastSeen, r.Status = 0, Status{}
	}
	return r
}

// knowsBeside reports whether it is known what a viewer sees beside a state. If it isn't, it would
// tell what the state doesn't.
func (p *Partition) knowsBeside(k Key, who uint32, s State, self bool) bool {
	denies := !self && p.warming != 0 && p.mayDeny(who)
	return s != Unknown && !p.mayHide(k, who) && !denies
}

// veil is what a viewer other than the participant may know of when it was last seen. An AI is
// online whatever its override, but its last_seen stays frozen too: it may be registered as human
// again.
func (p *Partition) veil(now Tick, who uint32, seen Tick, l look, t Trust) (veiled Tick, coarse bool) {
	if l.override == OverrideAppearOffline && t != Excepted {
		seen = p.remembered(now, p.factOf(who).frozen)
	}
	policy := p.visibilityOf(p.factOf(who)).LastSeen
	if policy == SeenHidden || !l.open(t) {
		seen = 0
	}
	return seen, policy == SeenCoarse
}

// remembered is a sign of life, or 0 when it is older than the record TTL.
func (p *Partition) remembered(now, sign Tick) Tick {
	if sign == 0 || now >= sign.after(p.settings.RecordTTL) {
		return 0
	}
	return sign
}

func (p *Partition) liveDevices(who uint32) (ds []Device) {
	at := p.names.after(p.namesOf(who))
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		if dev := p.device(d); dev.status.present() {
			ds = append(ds, Device{string(p.names.name(at)), dev.said.activity(), p.lastSign(d)})
		}
		at = p.names.after(at)
	}
	return ds
}

// A batch of operations by name runs several times faster when the memory of all of them has been
// asked for before the first one needs it: the processor then waits for many cache lines at once
// instead of one after the other. The steps below each follow one link further; the caller runs
// each for the whole batch. None may branch on what it has just asked for: a wrong guess is noticed
// only when the memory has come, and all that was asked for since is in vain.

// AheadCell asks for the index cells of k. Store the result somewhere, or the compiler drops the
// load: it means nothing else.
func (p *Partition) AheadCell(k Key) (kept uint32) {
	if p.index.count == 0 {
		return 0
	}
	return p.index.cells[p.index.home(k.Hash)]
}

// AheadIndex notes in k where it is likely to be found.
func (p *Partition) AheadIndex(k *Key) {
	if p.index.count == 0 {
		return
	}
	slot, _ := p.index.candidate(k.Hash, p.index.home(k.Hash))
	k.likely = slot + 1
}

// AheadRecord asks for the record of k, after AheadIndex.
func (m *Memory) AheadRecord(k Key) (kept uint32) {
	if k.likely == 0 {
		return 0
	}
	who := m.people.at(k.likely - 1)
	return who.link + who.names
}

// AheadPulse asks for what a heartbeat writes of the first device of k, after AheadIndex.
func (m *Memory) AheadPulse(k Key) (kept uint32) {
	if k.likely == 0 {
		return 0
	}
	return uint32(m.pulse(k.likely - 1).deadline)
}

// AheadSaid asks for where the statements of k are, after AheadIndex.
func (m *Memory) AheadSaid(k Key) (kept uint32) {
	if k.likely == 0 || m.firstSaid.count == 0 {
		return 0
	}
	return m.firstSaid.cells[m.firstSaid.home(hashOfSlot(k.likely-1))]
}

// SaidOf is where the first statement of k is likely to be, after AheadSaid.
func (m *Memory) SaidOf(k Key) (slot uint32) {
	if k.likely == 0 || m.firstSaid.count == 0 {
		return none
	}
	hash := hashOfSlot(k.likely - 1)
	slot, _ = m.firstSaid.candidate(hash, m.firstSaid.home(hash))
	return slot
}

// WordsOf is where the words of a statement stand, after SaidOf. AheadNames asks for them.
func (m *Memory) WordsOf(slot uint32) (words uint32) { return m.statement(slot).words }

// NamesOf is where the names of k stand, after AheadRecord.
func (m *Memory) NamesOf(k Key) (names uint32) {
	if k.likely == 0 {
		return none
	}
	return m.namesOf(k.likely - 1)
}

// AheadNames asks for a name and the n bytes after its length, which may reach into the next cache
// line; what is between is not asked for.
func (m *Memory) AheadNames(names uint32, n int) (kept uint32) {
	if names == none {
		return 0
	}
	return m.names.ahead(names, n)
}
