package busy

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Options say what a calendar doesn't.
type Options struct {
	// Zone is where the owner is: of all-day events, and of times without a zone. Nil is the
	// calendar's own, else UTC.
	Zone *time.Location
	// Tentative has what isn't certain make busy too.
	Tentative bool
}

// Block is a time of being busy. Until isn't in it any more.
type Block struct{ From, Until time.Time }

// Calendar is what a feed says of when its owner is busy.
type Calendar struct {
	series  map[string]*series
	periods []Block // of VFREEBUSY
	faults  []error
}

// Read reads a feed. An event that can't be understood is passed over, see Faults; a feed that
// isn't a calendar is an error, and so is one that takes too long.
func Read(r io.Reader, o Options) (*Calendar, error) { return readWithin(r, o, inTime(lastOnset)) }

func readWithin(r io.Reader, o Options, b bounds) (*Calendar, error) {
	lines, err := onlyNeeded(r)
	if err != nil {
		return nil, err
	}
	parsed, err := ics.ParseCalendarWithOptions(lines, ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fmt.Errorf("not a calendar: %w", err)
	}
	c := &Calendar{series: map[string]*series{}}
	z := c.readZones(parsed, o, b)
	canceled := calendarText(parsed, "METHOD") == "CANCEL"
	for _, part := range parsed.Components {
		if err := b.tooSlow(); err != nil {
			return nil, err
		}
		switch part := part.(type) {
		case *ics.VEvent:
			c.takeEvent(part, z, o.Tentative, canceled)
		case *ics.VBusy:
			c.takeBusy(part, z, o.Tentative)
		}
	}
	return c, nil
}

// Faults are what was passed over, and why.
func (c *Calendar) Faults() []error { return c.faults }

func (c *Calendar) readZones(parsed *ics.Calendar, o Options, b bounds) *zones {
	z := &zones{floating: fixed(0), own: map[string]zone{}, found: map[string]zone{}}
	for _, part := range parsed.Timezones() {
		id, own, err := readZone(part, b)
		if err != nil {
			c.faults = append(c.faults, err)
			continue
		}
		z.own[id] = own
	}
	if o.Zone != nil {
		z.floating = located(o.Zone)
	} else {
		z.floating = z.named(calendarText(parsed, "X-WR-TIMEZONE"))
	}
	return z
}

func calendarText(parsed *ics.Calendar, name string) string {
	for _, p := range parsed.CalendarProperties {
		if p.IANAToken == name {
			return p.Value
		}
	}
	return ""
}

func (c *Calendar) takeEvent(part *ics.VEvent, z *zones, tentative, canceled bool) {
	e, err := readEvent(part, z, tentative)
	if err != nil {
		c.faults = append(c.faults, err)
		return
	}
	e.canceled = e.canceled || canceled
	key := e.uid
	if key == "" { // which is wrong, and no reason to take one for another
		key = fmt.Sprint("\n", len(c.series))
	}
	of := c.series[key]
	if of == nil {
		of = &series{}
		c.series[key] = of
	}
	of.take(e)
}

// takeBusy takes the periods of a VFREEBUSY. A type that isn't known is busy.
func (c *Calendar) takeBusy(part *ics.VBusy, z *zones, tentative bool) {
	for _, p := range part.UnknownPropertiesIANAProperties() {
		kind := strings.ToUpper(parameter(&p.BaseProperty, "FBTYPE"))
		if p.IANAToken != "FREEBUSY" || kind == "FREE" || kind == "BUSY-TENTATIVE" && !tentative {
			continue
		}
		var e event
		if err := e.takeExtra(&p.BaseProperty, z); err != nil {
			c.faults = append(c.faults, fmt.Errorf("FREEBUSY: %w", err))
			continue
		}
		for _, period := range e.extra {
			if period.length != nil {
				c.periods = append(c.periods, Block{From: period.start.instant(), Until: period.length.after(period.start)})
			}
		}
	}
}

// Blocks returns when the owner is busy between two times, in order, apart from each other. What
// begins before, or ends after, is cut. The error is of events that were passed over.
func (c *Calendar) Blocks(from, until time.Time) ([]Block, error) {
	return c.blocksWithin(from, until, inTime(until))
}

func (c *Calendar) blocksWithin(from, until time.Time, b bounds) ([]Block, error) {
	blocks := slices.Clone(c.periods)
	var faults []error
	for _, s := range c.series {
		err := s.blocks(b, func(b Block) { blocks = append(blocks, b) })
		if faults = append(faults, err); errors.Is(err, errTooSlow) {
			break
		}
	}
	return merged(blocks, from, until), errors.Join(faults...)
}

func merged(blocks []Block, from, until time.Time) []Block {
	slices.SortFunc(blocks, func(a, b Block) int { return a.From.Compare(b.From) })
	var list []Block
	for _, b := range blocks {
		b = Block{From: later(b.From, from), Until: earlier(b.Until, until)}
		if !b.Until.After(b.From) {
			continue
		}
		if n := len(list); n > 0 && !b.From.After(list[n-1].Until) {
			list[n-1].Until = later(list[n-1].Until, b.Until)
			continue
		}
		list = append(list, b)
	}
	return list
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
