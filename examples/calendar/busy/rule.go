package busy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// maxInstances bounds what one rule makes: a daily one of three lifetimes.
const maxInstances = 100_000

// errTooOften is the error for rules that repeat within a day and have BY parts: rrule-go has never
// returned from one of them. No calendar lets anybody make such an event.
var errTooOften = errors.New("a rule that repeats within a day can't have BY parts")

// doomsday is an end for rules without one. The library's own comes 292 years after the start,
// which for a zone of Outlook's, that begins in 1601, was in 1893.
var doomsday = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

var errTooMany = fmt.Errorf("more than %d instances", maxInstances)

// rule is an RRULE whose ends are taken out of the library's hands: see next.
type rule struct {
	walls     func() (time.Time, bool)
	count     int
	untilForm string
	until     time.Time
}

func parseRule(text string, start moment) (*rule, error) {
	text = plain(text)
	option, err := rrule.StrToROption(text)
	if err != nil {
		return nil, err
	}
	if option.Freq > rrule.DAILY && strings.Contains(";"+text, ";BY") {
		return nil, errTooOften
	}
	r := &rule{count: option.Count, until: option.Until, untilForm: utcForm}
	if form := part(text, "UNTIL"); form != "" && !strings.HasSuffix(form, "Z") {
		r.untilForm = localForm[:min(len(form), len(localForm))]
	}
	option.Count, option.Until, option.Dtstart = 0, doomsday, start.wall
	made, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, err
	}
	r.walls = made.Iterator()
	return r, nil
}

// plain drops what means nothing: a semicolon at the end, and the words of RFC 7529 for what is so
// without them. The library knows neither.
func plain(text string) string {
	var parts []string
	for p := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(text)), ";") {
		if p != "" && p != "RSCALE=GREGORIAN" && p != "SKIP=OMIT" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ";")
}

func part(text, name string) string {
	for p := range strings.SplitSeq(text, ";") {
		if key, value, _ := strings.Cut(p, "="); key == name {
			return value
		}
	}
	return ""
}

// past reports whether an instance comes after UNTIL, which is in UTC, in local time, or a date
// that is itself within.
func (r *rule) past(wall, instant time.Time) bool {
	switch {
	case r.until.IsZero():
		return false
	case r.untilForm == utcForm:
		return instant.After(r.until)
	case len(r.untilForm) == len(dateForm):
		return wall.Truncate(24 * time.Hour).After(r.until)
	}
	return wall.After(r.until)
}

// each calls yield with every instance within bounds, the start being the first whether the
// rule makes it or not. What isn't on the clock is left out before it is counted.
//
// The library has panicked for rules that are valid. One event of many is no reason to end.
func each(text string, start moment, b bounds, yield func(moment)) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	r, err := parseRule(text, start)
	if err != nil {
		return err
	}
	yield(start)
	for n := 1; n < maxInstances; {
		if err := b.tooSlow(); err != nil {
			return err
		}
		wall, more := r.walls()
		instant, exists := start.zone.at(wall)
		if !more || instant.After(b.horizon) || r.past(wall, instant) || r.count > 0 && n >= r.count {
			return nil
		}
		if exists && !wall.Equal(start.wall) {
			yield(moment{wall: wall, zone: start.zone, allDay: start.allDay})
			n++
		}
	}
	return errTooMany
}
