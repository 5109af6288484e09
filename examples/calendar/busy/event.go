package busy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"
)

// event is a VEVENT: a series, a single one, or what takes the place of an instance.
type event struct {
	uid      string
	start    moment
	length   span
	busy     bool
	canceled bool

	replaces  *moment // RECURRENCE-ID
	following bool    // and all that come after it

	sequence int
	stamp    string // DTSTAMP, always in UTC

	rules, exRules []string
	extra          []instance // RDATE
	except         []moment   // EXDATE
}

// instance is one time of an event. Without a length it lasts as long as the event says.
type instance struct {
	start  moment
	length *span
}

var errNoStart = errors.New("an event without DTSTART")

// readEvent reads what says when. Zones has the zones that the calendar has defined.
func readEvent(c ics.Component, z *zones, tentative bool) (*event, error) {
	e := &event{busy: true}
	properties := c.UnknownPropertiesIANAProperties()
	var end *ics.BaseProperty
	for i := range properties {
		p := &properties[i].BaseProperty
		if p.IANAToken == "DTEND" || p.IANAToken == "DURATION" {
			end = p
		} else if err := e.take(p, z, tentative); err != nil {
			return nil, fmt.Errorf("event %s: %s: %w", e.uid, p.IANAToken, err)
		}
	}
	if e.start.zone == nil {
		return nil, fmt.Errorf("event %s: %w", e.uid, errNoStart)
	}
	var err error
	if e.length, err = lengthOf(e.start, end, z); err != nil {
		return nil, fmt.Errorf("event %s: %s: %w", e.uid, end.IANAToken, err)
	}
	return e, nil
}

func (e *event) take(p *ics.BaseProperty, z *zones, tentative bool) (err error) {
	switch p.IANAToken {
	case "UID":
		e.uid = p.Value
	case "DTSTAMP":
		e.stamp = p.Value
	case "SEQUENCE":
		e.sequence, err = strconv.Atoi(p.Value)
	case "DTSTART":
		e.start, err = z.moment(p, p.Value)
	case "RECURRENCE-ID":
		var m moment
		m, err = z.moment(p, p.Value)
		e.replaces, e.following = &m, parameter(p, "RANGE") == "THISANDFUTURE"
	case "RRULE":
		e.rules = append(e.rules, p.Value)
	case "EXRULE":
		e.exRules = append(e.exRules, p.Value)
	case "EXDATE":
		err = e.takeExceptions(p, z)
	case "RDATE":
		err = e.takeExtra(p, z)
	default:
		e.judge(p.IANAToken, strings.ToUpper(p.Value), tentative)
	}
	return err
}

// judge takes what says whether the event makes its owner busy.
func (e *event) judge(name, value string, tentative bool) {
	switch name {
	case "TRANSP":
		e.busy = e.busy && value != "TRANSPARENT"
	case "STATUS":
		e.canceled = e.canceled || value == "CANCELLED"
		e.busy = e.busy && (tentative || value != "TENTATIVE")
	case "X-MICROSOFT-CDO-BUSYSTATUS":
		e.busy = e.busy && value != "FREE" && value != "WORKINGELSEWHERE" && (tentative || value != "TENTATIVE")
	}
}

func (e *event) takeExceptions(p *ics.BaseProperty, z *zones) error {
	for value := range strings.SplitSeq(p.Value, ",") {
		m, err := z.moment(p, value)
		if err != nil {
			return err
		}
		e.except = append(e.except, m)
	}
	return nil
}

// takeExtra takes instances beside the rule's. A period has a length of its own.
func (e *event) takeExtra(p *ics.BaseProperty, z *zones) error {
	for value := range strings.SplitSeq(p.Value, ",") {
		from, until, isPeriod := strings.Cut(value, "/")
		m, err := z.moment(p, from)
		if err != nil {
			return err
		}
		extra := instance{start: m}
		if isPeriod {
			length, err := z.periodLength(p, m, until)
			if err != nil {
				return err
			}
			extra.length = &length
		}
		e.extra = append(e.extra, extra)
	}
	return nil
}

// periodLength reads what comes after a period's slash: an end, or a duration.
func (z *zones) periodLength(p *ics.BaseProperty, start moment, text string) (span, error) {
	if strings.HasPrefix(strings.TrimLeft(text, "+-"), "P") {
		return parseSpan(text)
	}
	end, err := z.moment(p, text)
	if err != nil {
		return span{}, err
	}
	return between(start, end), nil
}

// lengthOf says how long an event lasts. Without an end a date is a day, and a time is nothing.
func lengthOf(start moment, end *ics.BaseProperty, z *zones) (span, error) {
	switch {
	case end == nil && start.allDay:
		return span{days: 1}, nil
	case end == nil:
		return span{}, nil
	case end.IANAToken == "DURATION":
		return parseSpan(end.Value)
	}
	m, err := z.moment(end, end.Value)
	if err != nil {
		return span{}, err
	}
	return between(start, m), nil
}
