#!/usr/bin/env bash
# teambition/rrule-go v1.8.2: a rule without an end ends by itself.
#
# A rule without COUNT and UNTIL gets an end of the library's own: the longest time.Duration after DTSTART, 292 years. Outlook and
# Exchange write the zones of their calendars with rules that begin in 1601, so those have no change of the clocks after 1893, and
# all summer's events are an hour off, without an error.
#
# Seen on 2026-11-28 with Go 1.26.8, linux/amd64:
#
#	FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU from 1601-10-28: ends in 1893
#
# The library has also panicked for a rule that RFC 5545 allows, and never returned from another one. Those are not here: a program
# that reads feeds with it could be stopped by them.
#
# What follows for us: examples/calendar/busy gives every rule an end far away, takes a panic for an event that can't be understood,
# and refuses BY parts in rules that repeat within a day (rule.go and its tests).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf 'module finding\n\ngo 1.26\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

func main() {
	option, err := rrule.StrToROption("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	if err != nil {
		panic(err)
	}
	option.Dtstart = time.Date(1601, 10, 28, 3, 0, 0, 0, time.UTC)
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		panic(err)
	}
	next := rule.Iterator()
	var last time.Time
	for at, more := next(); more; at, more = next() {
		last = at
	}
	fmt.Println("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU from 1601-10-28: ends in", last.Year())
}
GO
timeout 120 go get github.com/teambition/rrule-go@v1.8.2 >/dev/null 2>&1
got=$(timeout 120 go run .)
echo "$got"
want='FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU from 1601-10-28: ends in 1893'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
