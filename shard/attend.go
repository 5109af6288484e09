package shard

// said is what the heartbeats of a device have said, in one byte: the activity, and above it
// roughly when a heartbeat by name came last. A device with a socket may get those too, and its
// gateway doesn't hear of them. So the gateway that finds the socket unattended has the last word
// here.
//
// The clock for it goes around in turn steps, eight to each Settings.Unattended: a byte in a place
// that was empty instead of four for each of many million devices. A heartbeat is taken for a new
// one again when the clock comes by. Then Rest is refused for one Unattended at most.
type said uint8

const (
	saidActivity      = 1
	saidSteps         = 8   // of the clock, to one Unattended
	saidTurn     said = 127 // steps until it comes around; 0 stands for never
)

func (s said) activity() Activity { return Activity(s & saidActivity) }

func (s said) with(a Activity) said { return s&^saidActivity | said(a) }

func (s said) at(step said) said { return s&saidActivity | step<<1 }

// step is what the clock shows at a tick: 1 to saidTurn.
func (p *Partition) step(now Tick) said {
	return said(now/max(p.settings.Unattended/saidSteps, 1)%Tick(saidTurn)) + 1
}

// named notes that a heartbeat by name has come.
func (p *Partition) named(now Tick, d uint32) {
	if p.settings.Unattended == 0 {
		return
	}
	dev := p.device(d)
	dev.said = dev.said.at(p.step(now))
}

// lately reports whether a heartbeat by name may have come within Settings.Unattended.
func (p *Partition) lately(now Tick, d uint32) bool {
	last := p.device(d).said >> 1
	return last != 0 && (p.step(now)+saidTurn-last)%saidTurn <= saidSteps
}

// Rest is a sign of life by handle of a device whose socket only answers pings: its user
// has left. It becomes idle until its next heartbeat, unless one has come lately by name: Attended.
func (p *Partition) Rest(now Tick, r Ref) Outcome {
	switch o := p.Touch(now, r); {
	case o != Done:
		return o
	case p.lately(now, r.Slot):
		return Attended
	}
	return p.Report(now, r, ActivityIdle)
}
