package shard

// look is how a participant looks to the sorts of viewers, for comparing before and after.
type look struct {
	public, inner, self State
	override            Override
	unseen              State // how its id looks where it was never seen
	closed              bool  // to strangers it looks so
}

// lookOf applies the rules of how a state is made, in their order. A steady participant is an AI
// that has not to beat, a claimed one has a live claim.
func lookOf(steady bool, inner State, o Override, claimed bool) look {
	switch {
	case steady:
		return look{public: Online, inner: Online, self: Online, override: o}
	case inner == Offline:
		return look{public: Offline, inner: Offline, self: Offline, override: o}
	case o == OverrideBusy || o == OverrideAuto && claimed:
		return look{public: Busy, inner: Busy, self: Busy, override: o}
	case o == OverrideAppearOffline:
		return look{public: Offline, inner: inner, self: AppearOffline, override: o}
	default:
		return look{public: inner, inner: inner, self: inner, override: o}
	}
}

func (p *Partition) look(who uint32) (l look) {
	person := p.people.at(who)
	prefix := person.has(infoPrefixAI)
	ai, audience := prefix, p.settings.Audience
	if person.has(infoFact) {
		f := p.facts.at(person.names)
		ai, audience = f.ai(prefix), p.visibilityOf(f).Audience
		l = lookOf(ai && !f.registered.beats(), person.inner(), f.override, person.has(infoClaimed))
	} else {
		l = lookOf(ai, person.inner(), OverrideAuto, person.has(infoClaimed))
	}
	l.unseen, l.closed = neverSeen(prefix), !ai && audience == AudienceAllowed
	return l
}

func (p *Partition) isAI(who uint32) bool {
	prefix := p.people.at(who).has(infoPrefixAI)
	if f := p.factOf(who); f != nil {
		return f.ai(prefix)
	}
	return prefix
}

// isSteady reports whether a participant is an AI that is online without a device.
func (p *Partition) isSteady(who uint32) bool {
	f := p.factOf(who)
	return p.isAI(who) && (f == nil || !f.registered.beats())
}

// ai reports whether a participant is one; a registration beats the prefix.
func (f *fact) ai(prefix bool) bool {
	if kind := f.registered.kind(); kind != KindUnset {
		return kind != KindHuman
	}
	return prefix
}

// strangerLook is how an id looks that has no record.
func (p *Partition) strangerLook(id string) look {
	prefix := p.settings.hasAIPrefix(id)
	l := lookOf(prefix, Offline, OverrideAuto, false)
	l.unseen, l.closed = l.public, !prefix && p.settings.Audience == AudienceAllowed
	return l
}

// see is the one place where it is decided what a viewer sees.
func (l look) see(self bool, t Trust) State {
	switch {
	case self:
		return l.self
	case !l.open(t):
		return l.unseen
	case t == Excepted:
		return l.inner
	default:
		return l.public
	}
}

// open reports whether a viewer other than the participant may see it at all.
func (l look) open(t Trust) bool { return t != Denied && (t != Stranger || !l.closed) }

// view is what is told of a look. Of one that isn't known to strangers nothing is told. What is
// seen by a viewer that may not see it is known in doubt, too: see View.Told.
func (l look) view(order uint64) View {
	if l.public == Unknown {
		return View{Order: order}
	}
	return View{
		Public: l.public, Inner: l.inner, Self: l.self, Unseen: max(l.unseen, Offline), Closed: l.closed,
		Override: l.override, Order: order,
	}
}

// refresh makes a participant's inner state from its devices: the most awake one counts.
func (p *Partition) refresh(who uint32) {
	inner := Offline
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		if p.device(d).status.present() {
			inner = max(inner, Idle+State(p.device(d).said.activity()))
		}
	}
	p.people.at(who).setInner(inner)
}

// settle ends an operation on a participant: it reports a change if the look isn't what it was
// before.
func (p *Partition) settle(who uint32, before look) {
	p.note(who)
	p.refresh(who)
	if now := p.look(who); now != before {
		p.changed(who, now, before.inner != Offline && now.inner == Offline)
	}
}

func (p *Partition) changed(who uint32, now look, left bool) {
	p.order++
	p.changes = append(p.changes, Change{ID: p.id(who), Hash: p.hashOf(who), View: now.view(p.order), Left: left})
}
