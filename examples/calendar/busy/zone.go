package busy

import (
	"strings"
	"time"
	_ "time/tzdata" // a container often has no zones of its own
)

// zone is the offset from UTC at an instant.
type zone func(time.Time) time.Duration

func located(l *time.Location) zone {
	return func(t time.Time) time.Duration {
		_, seconds := t.In(l).Zone()
		return time.Duration(seconds) * time.Second
	}
}

func fixed(offset time.Duration) zone {
	return func(time.Time) time.Duration { return offset }
}

// apart is longer than a change of the clocks, and shorter than the time between two.
const apart = 24 * time.Hour

// at returns when a wall, a local time that is written as if it were UTC, is in this zone, and
// whether it is there at all. Of two instants it is the first; of none, what the offset before
// makes of it.
func (z zone) at(wall time.Time) (instant time.Time, exists bool) {
	before, after := z(wall.Add(-apart)), z(wall.Add(apart))
	early, late := wall.Add(-max(before, after)), wall.Add(-min(before, after))
	for _, t := range []time.Time{early, late} {
		if t.Add(z(t)).Equal(wall) {
			return t, true
		}
	}
	return wall.Add(-before), false
}

// wall is the other way round.
func (z zone) wall(t time.Time) time.Time {
	return t.UTC().Add(z(t))
}

// zones are those that a calendar names.
type zones struct {
	floating zone            // of what names none
	own      map[string]zone // by a VTIMEZONE
	found    map[string]zone // since reading one from the database takes a while
}

// named finds a zone. One that isn't known anywhere is taken for the owner's: most events are.
func (z *zones) named(id string) zone {
	if known, ok := z.found[id]; ok {
		return known
	}
	place := z.floating
	if l := location(id); l != nil {
		place = located(l)
	} else if own, ok := z.own[id]; ok {
		place = own
	}
	z.found[id] = place
	return place
}

// location finds a name in the database, nil if it isn't there. Some put a domain before it, such
// as "/freeassociation.sourceforge.net/Europe/Berlin".
func location(id string) *time.Location {
	if iana, ok := windows[id]; ok {
		id = iana
	}
	for rest, more := id, true; more; _, rest, more = strings.Cut(rest, "/") {
		if rest == "" || rest == "Local" { // Go means this machine's by that
			continue
		}
		if l, err := time.LoadLocation(rest); err == nil {
			return l
		}
	}
	return nil
}
