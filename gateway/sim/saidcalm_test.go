package sim

import (
	"slices"
	"time"
)

// readings are what one viewer is sure to see of everybody's statuses, as a calm world goes on.
type readings struct {
	viewer string
	stood  map[string]remark // what strangers see on of who hides
	last   map[string]string
	texts  map[string][]string // each one that differs from the one before; empty: none
}

func readingsOf(viewer string) *readings {
	return &readings{viewer, make(map[string]remark), make(map[string]string), make(map[string][]string)}
}

// read notes what is seen now of somebody, if that is sure. w.mu is held.
func (r *readings) read(w *world, id string) {
	now, m := w.now(), w.model
	said, override := m.people[id].status.during(now, now), m.people[id].override.during(now, now)
	if len(said) != 1 || len(override) != 1 {
		return
	}
	if hides := override[0] == "appear_offline"; !hides || said[0].public {
		r.stood[id] = said[0]
	}
	seen, sure := r.seen(m, id, override[0], said[0], now)
	if !sure || seen.until != 0 && now > seen.until-m.slack && now < seen.until+m.slack {
		return
	}
	if seen.until != 0 && now > seen.until {
		seen = remark{}
	}
	before, known := r.last[id]
	if r.last[id] = seen.text; known && before != seen.text {
		r.texts[id] = append(r.texts[id], seen.text)
	}
}

// seen is which status of somebody is seen, whether or not it has ended.
func (r *readings) seen(m *model, id, override string, said remark, now time.Duration) (seen remark, sure bool) {
	p := m.people[id]
	denies, shuts := p.denies(m, r.viewer, now, now), p.shuts(m, r.viewer, now, now)
	windows, kinds := p.window(m, r.viewer, now, now), p.ai.during(now, now)
	switch {
	case len(denies) != 1 || len(shuts) != 1 || len(windows) != 1 || len(kinds) != 1:
		return remark{}, false
	case r.viewer == id:
		return said, true
	case denies[0], shuts[0] && !kinds[0]:
		return remark{}, true
	case override == "appear_offline" && !windows[0]:
		return r.stood[id], true
	default:
		return said, true
	}
}

// endApart has what is said end between two steps of a calm script.
func endApart(s *step) {
	if slices.Contains([]string{"status", "claim", "pick"}, s.do) && s.lasts != 0 {
		s.lasts = s.lasts/(20*time.Second)*apart + 5*time.Second
	}
}
