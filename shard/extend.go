package shard

// Extend gives every device that is there so much more time, up to a full deadline: for as long
// it could not be heard. The wheel isn't told, as by a heartbeat: it looks at the true deadlines.
func (p *Partition) Extend(now, by Tick) {
	for d := range p.devices {
		if p.devices[d].status.present() {
			p.pulses[d].deadline = min(p.pulses[d].deadline+by, now.after(p.settings.Deadline))
		}
	}
	for i := range p.lingers {
		p.lingers[i].until += by
	}
}
