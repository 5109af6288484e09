package busy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

const (
	dateForm  = "20060102"
	localForm = "20060102T150405"
	utcForm   = "20060102T150405Z"
)

// moment is a date, or a local time, with its zone. wall is written as if it were UTC.
type moment struct {
	wall   time.Time
	zone   zone
	allDay bool
}

func (m moment) instant() time.Time {
	t, _ := m.zone.at(m.wall)
	return t
}

// same reports whether two moments name one instance. A date names whatever begins on it.
func (m moment) same(other moment) bool {
	if m.allDay || other.allDay {
		return m.wall.Format(dateForm) == other.wall.Format(dateForm)
	}
	return m.instant().Equal(other.instant())
}

// starts are many moments, to be asked as same asks: a series may have thousands of instances, and
// hundreds that are taken out.
type starts struct {
	days, times map[string]bool // of dates, and of times
	instants    map[int64]bool
}

func newStarts(all []moment) *starts {
	s := &starts{map[string]bool{}, map[string]bool{}, map[int64]bool{}}
	for _, m := range all {
		s.add(m)
	}
	return s
}

func (s *starts) add(m moment) {
	day := m.wall.Format(dateForm)
	if m.allDay {
		s.days[day] = true
		return
	}
	s.times[day] = true
	s.instants[m.instant().Unix()] = true
}

// has reports whether one of them is the same as m.
func (s *starts) has(m moment) bool {
	day := m.wall.Format(dateForm)
	return s.days[day] || m.allDay && s.times[day] || !m.allDay && s.instants[m.instant().Unix()]
}

// moment reads one value of a property.
func (z *zones) moment(p *ics.BaseProperty, value string) (moment, error) {
	place := z.floating
	if id := parameter(p, "TZID"); id != "" {
		place = z.named(id)
	}
	switch len(value) {
	case len(dateForm):
		wall, err := time.Parse(dateForm, value)
		return moment{wall: wall, zone: place, allDay: true}, err
	case len(utcForm):
		wall, err := time.Parse(utcForm, value)
		return moment{wall: wall, zone: fixed(0)}, err
	}
	wall, err := time.Parse(localForm, value)
	return moment{wall: wall, zone: place}, err
}

func parameter(p *ics.BaseProperty, name string) string {
	for key, values := range p.ICalParameters {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// span is how long an event lasts. Days are the calendar's, of 23 to 25 hours.
type span struct {
	days  int
	exact time.Duration
}

func (s span) after(start moment) time.Time {
	start.wall = start.wall.AddDate(0, 0, s.days)
	return start.instant().Add(s.exact)
}

// between is what a start and an end say: days for dates, and for times exactly what has gone by,
// which is what every other instance then lasts too.
func between(start, end moment) span {
	if start.allDay && end.allDay {
		days := int(end.wall.Sub(start.wall) / (24 * time.Hour))
		return span{days: max(days, 1)} // some write the day itself as the end
	}
	return span{exact: end.instant().Sub(start.instant())}
}

var durationForm = regexp.MustCompile(`^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

func parseSpan(text string) (span, error) {
	parts := durationForm.FindStringSubmatch(text)
	if parts == nil {
		return span{}, fmt.Errorf("duration %q isn't one", text)
	}
	var n [5]int // none is 0; the pattern lets nothing else through
	for i := range n {
		n[i], _ = strconv.Atoi(parts[i+2])
	}
	seconds := n[2]*3600 + n[3]*60 + n[4]
	s := span{days: n[0]*7 + n[1], exact: time.Duration(seconds) * time.Second}
	if parts[1] == "-" {
		s = span{days: -s.days, exact: -s.exact}
	}
	return s, nil
}
