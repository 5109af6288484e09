package wire

import (
	"strings"
	"time"

	"github.com/scaiwave/presence/shard"
)

// End is when something ends by itself, as requests say it. A null is as if the member was left
// out.
type End struct {
	At *string `json:"expires_at"`
	In *int64  `json:"expires_in"` // seconds
}

// EndNames are the members of an End, which may be null.
var EndNames = []string{"expires_at", "expires_in"}

// How far ahead an end may be: of a claim, which must be renewed, and of all else.
const (
	MostAhead      = 366 * 24 * time.Hour
	MostAheadClaim = 30 * 24 * time.Hour
)

// Parse is the end as a time, at most so far ahead; zero: there is none.
func (e *End) Parse(now time.Time, most time.Duration) (at time.Time, err error) {
	switch {
	case e.At != nil && e.In != nil:
		return at, Errorf(BadRequest, "expires_at and expires_in are both there; give one of them")
	case e.In != nil:
		return e.after(now, most)
	case e.At == nil:
		return at, nil
	}
	if at, err = ParseTime("expires_at", *e.At); err != nil {
		return at, err
	}
	switch {
	case !at.After(now):
		return at, Errorf(BadRequest, "expires_at is in the past; it must be in the future")
	case at.Sub(now) > most:
		return at, Errorf(BadRequest, "expires_at is more than %d days ahead", days(most))
	}
	return at, nil
}

// ParseOf is Parse for an override, which ends as one that was never picked. That has no end.
func (e *End) ParseOf(o shard.Override, now time.Time) (at time.Time, err error) {
	at, err = e.Parse(now, MostAhead)
	if err == nil && o == shard.OverrideAuto && !at.IsZero() {
		return at, Errorf(BadRequest, "override is auto, which is what others end as; it has no end")
	}
	return at, err
}

// after is the end after so many seconds.
func (e *End) after(now time.Time, most time.Duration) (at time.Time, err error) {
	if *e.In < 1 || *e.In > int64(most/time.Second) {
		return at, Errorf(BadRequest, "expires_in is %d; it must be 1 to %d seconds, which are %d days",
			*e.In, most/time.Second, days(most))
	}
	return now.Add(time.Duration(*e.In) * time.Second), nil
}

// ParseTime reads a time as in RFC 3339; name is the member's. Its letters may be small ones. Go
// takes a comma for the point.
func ParseTime(name, text string) (at time.Time, err error) {
	if at.UnmarshalText([]byte(strings.ToUpper(text))) != nil || strings.Contains(text, ",") {
		return at, Errorf(BadRequest, "%s is %.40q; it must be a time as in RFC 3339, such as "+
			"2026-11-23T10:15:30Z", name, text)
	}
	return at, nil
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }
