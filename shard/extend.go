package shard

// Extend gives every device that is there so much more time, up to a full deadline: for as long
// it could not be heard. The wheel isn't told, as by a heartbeat: it looks at the true deadlines.
func (p *Partition) Extend(now, by Tick) {
	for who := range p.index.all {
		for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
			if p.device(d).status.present() {
				p.pulse(d).deadline = min(p.pulse(d).deadline+by, now.after(p.settings.Deadline))
			}
		}
	}
	for i := range p.lingers {
		p.lingers[i].until += by
	}
}
