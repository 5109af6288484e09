// Package busy reads when a calendar says that its owner is busy: from an iCalendar feed
// (RFC 5545), as Google, Outlook, Apple and Nextcloud publish one for each calendar.
//
//	feed ─▶ lines: what isn't needed goes ─▶ golang-ical: properties ─▶ events, VFREEBUSY, zones
//	     ─▶ Blocks(from, to): rrule-go's instances, overrides in their place ─▶ merged
//
// # What makes busy
//
// An event that is opaque (TRANSP, which is so where it is left out), not cancelled, and not free
// by Outlook's X-MICROSOFT-CDO-BUSYSTATUS. Tentative ones only with Options.Tentative. In a
// VFREEBUSY every period but FBTYPE=FREE, with the same rule for BUSY-TENTATIVE. Of two events with
// one UID (and one RECURRENCE-ID) the one with the greater SEQUENCE counts, then the one with the
// later DTSTAMP.
//
// # Local times
//
// A rule counts days and hours on the wall's clock, so instances are made on it, and each is put
// into its zone afterwards. That also keeps out of rrule-go what it gets wrong at a change of the
// clocks. Where the clocks go forward, an instance at a time that doesn't exist is left out and not
// counted, as RFC 5545 section 3.3.10 has it; a single time that doesn't exist counts by the offset
// before. Where they go back, the first of two equal times is meant. All-day events and times
// without a zone are those of Options.Zone, else of the calendar's X-WR-TIMEZONE, else UTC.
//
// A zone is looked up by its name first, in the database of zones that is linked in, then among the
// names of Windows, and only then in the feed's own VTIMEZONE. Calendars copy one pair of rules
// into that, which was true on the day it was written. A name ages better.
//
// # The libraries
//
// No one library does it all; these were compared in November 2026:
//
//   - github.com/arran4/golang-ical v0.3.4 (March 2026) reads properties and components, is fuzzed,
//     and returns errors. It is used for that alone: it knows zones by IANA name only, and no
//     recurrences.
//   - github.com/teambition/rrule-go v1.8.2 (January 2023) is the Go form of python-dateutil, with
//     the tests of that. It has every part of RRULE. Its last release is old, but none has come
//     near it. It ends a rule without an end after 292 years, which all zones of Outlook's are
//     past, has panicked for a rule that is valid, and never returned from another one: rule.go has
//     what is done about each.
//   - github.com/emersion/go-ical (2025, no releases) has panicked on a broken line, and can't read
//     the names of Windows, nor a VTIMEZONE.
//   - github.com/apognu/gocal v0.9.1 (2024) does all in one, but passes over BYSETPOS without a
//     word: "the last working day of the month" becomes some of its first days.
//
// # Bounds
//
// A feed is anybody's. One rule makes at most 100,000 instances. To read a feed, and then to ask
// it, may take 30 s each. The clock is looked at between instances and events: a rule that matches
// nothing is followed up to the year 9999, which takes half a second more. How large a feed may be
// is for its reader to say.
//
// What it does not do: calendars other than Gregorian (RSCALE), leap seconds, and writing.
package busy
