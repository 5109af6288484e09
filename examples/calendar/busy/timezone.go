package busy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// onset is when an offset begins to be.
type onset struct {
	at       time.Time
	from, to time.Duration
}

// lastOnset is how far the rules of a VTIMEZONE are followed. Outlook's begin in 1601.
var lastOnset = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

var errNoOnset = errors.New("a zone without offsets")

// readZone makes a zone of a VTIMEZONE.
func readZone(c ics.Component, b bounds) (id string, z zone, err error) {
	id = textOf(c, "TZID")
	var onsets []onset
	for _, part := range c.SubComponents() {
		more, err := readOnsets(part, b)
		if err != nil {
			return id, nil, fmt.Errorf("zone %s: %w", id, err)
		}
		onsets = append(onsets, more...)
	}
	if len(onsets) == 0 {
		return id, nil, fmt.Errorf("zone %s: %w", id, errNoOnset)
	}
	slices.SortStableFunc(onsets, func(a, b onset) int { return a.at.Compare(b.at) })
	return id, func(t time.Time) time.Duration { return offsetAt(onsets, t) }, nil
}

func offsetAt(onsets []onset, t time.Time) time.Duration {
	i, found := slices.BinarySearchFunc(onsets, t, func(o onset, t time.Time) int { return o.at.Compare(t) })
	for found && i+1 < len(onsets) && onsets[i+1].at.Equal(t) {
		i++
	}
	switch {
	case found:
		return onsets[i].to
	case i == 0:
		return onsets[0].from
	}
	return onsets[i-1].to
}

// readOnsets reads a STANDARD or a DAYLIGHT. Its times are on the clock as it was before.
func readOnsets(c ics.Component, b bounds) ([]onset, error) {
	from, err := parseOffset(textOf(c, "TZOFFSETFROM"))
	if err != nil {
		return nil, err
	}
	to, err := parseOffset(textOf(c, "TZOFFSETTO"))
	if err != nil {
		return nil, err
	}
	e, err := readEvent(c, &zones{floating: fixed(from)}, true)
	if err != nil {
		return nil, err
	}
	var onsets []onset
	err = e.instances(b, func(i instance) {
		onsets = append(onsets, onset{at: i.start.instant(), from: from, to: to})
	})
	return onsets, err
}

func textOf(c ics.Component, name string) string {
	for _, p := range c.UnknownPropertiesIANAProperties() {
		if p.IANAToken == name {
			return p.Value
		}
	}
	return ""
}

var errOffset = errors.New("an offset is +hhmm or -hhmm")

func parseOffset(text string) (time.Duration, error) {
	digits := strings.TrimLeft(text, "+-")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 4 && len(digits) != 6 {
		return 0, fmt.Errorf("offset %q: %w", text, errOffset)
	}
	if len(digits) == 4 {
		n *= 100
	}
	seconds := n/10_000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	return time.Duration(seconds) * time.Second, nil
}
