#!/usr/bin/env bash
# apognu/gocal v0.9.1: BYSETPOS is passed over without a word, and the instances are others than the calendar's.
#
# "The last working day of the month" is FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1, as Google, Outlook and Nextcloud write it. gocal
# gives every working day of one week of the month instead, or part of one. A feed that is understood in part looks like one that is
# understood.
#
# Seen on 2026-11-28 with Go 1.26.8, linux/amd64; to come is 2026-02-27 2026-03-31:
#
#	2026-02-02 2026-02-03 2026-02-04 2026-02-05 2026-03-02 2026-03-03 2026-03-04 2026-03-05 2026-03-06
#
# What follows for us: examples/calendar/busy takes its recurrences from another library, and refuses what it doesn't know.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf 'module finding\n\ngo 1.26\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/apognu/gocal"
)

func main() {
	feed := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260130T090000Z\r\n" +
		"DTEND:20260130T100000Z\r\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	c := gocal.NewParser(strings.NewReader(feed))
	from, until := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	c.Start, c.End = &from, &until
	if err := c.Parse(); err != nil {
		panic(err)
	}
	var days []string
	for _, e := range c.Events {
		days = append(days, e.Start.Format(time.DateOnly))
	}
	fmt.Println(strings.Join(days, " "))
}
GO
timeout 120 go get github.com/apognu/gocal@v0.9.1 >/dev/null 2>&1
got=$(timeout 120 go run .)
echo "$got"
want='2026-02-02 2026-02-03 2026-02-04 2026-02-05 2026-03-02 2026-03-03 2026-03-04 2026-03-05 2026-03-06'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
