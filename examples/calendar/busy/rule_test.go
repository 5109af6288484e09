package busy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// feed is a calendar with one event, which begins at a time and has more lines.
func feed(start string, lines ...string) string {
	return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\nBEGIN:VEVENT\nUID:1\nDTSTART" + start + "\nDURATION:PT30M\n" +
		strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
}

// At 02:30 there is no such time on the day when the clocks go forward: that instance is left out,
// and the count goes on. On the day when they go back there are two: it is the first.
func TestClocksThatChange(t *testing.T) {
	wantBlocks(t, read(t, feed(";TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY;COUNT=3"), Options{}),
		"2026-03-01", "2026-05-01",
		"03-28 01:30 - 03-28 02:00", "03-30 00:30 - 03-30 01:00", "03-31 00:30 - 03-31 01:00")
	wantBlocks(t, read(t, feed(";TZID=Europe/Berlin:20261024T023000", "RRULE:FREQ=DAILY;COUNT=3"), Options{}),
		"2026-10-01", "2026-12-01",
		"10-24 00:30 - 10-24 01:00", "10-25 00:30 - 10-25 01:00", "10-26 01:30 - 10-26 02:00")
	wantBlocks(t, read(t, feed(";TZID=America/Santiago:20260905T003000", "RRULE:FREQ=DAILY;COUNT=3"), Options{}),
		"2026-09-01", "2026-12-01",
		"09-05 04:30 - 09-05 05:00", "09-07 03:30 - 09-07 04:00", "09-08 03:30 - 09-08 04:00")
	wantBlocks(t, read(t, feed(";TZID=Australia/Lord_Howe:20260404T014500", "RRULE:FREQ=DAILY;COUNT=3"), Options{}),
		"2026-04-01", "2026-12-01", // by half an hour
		"04-03 14:45 - 04-03 15:15", "04-04 14:45 - 04-04 15:15", "04-05 15:15 - 04-05 15:45")
	wantBlocks(t, read(t, feed(";TZID=Europe/Berlin:20260329T023000"), Options{}), "2026-03-01", "2026-05-01",
		"03-29 01:30 - 03-29 02:00") // a single one, by the offset before
}

// An end is in UTC, in local time, or a date, whatever the start is.
func TestEndsOfRules(t *testing.T) {
	for until, want := range map[string]int{
		"20261103T080000Z": 2, // the third begins then
		"20261103T075959Z": 1,
		"20261103T090000":  2,
		"20261103T085959":  1,
		"20261103":         2,
		"20261102":         1,
	} {
		c := read(t, feed(";TZID=Europe/Berlin:20261102T090000", "RRULE:FREQ=DAILY;UNTIL="+until), Options{})
		blocks, err := c.Blocks(day(t, "2026-01-01"), day(t, "2028-01-01"))
		if err != nil || len(blocks) != want {
			t.Errorf("until %s: %d instances, want %d; %v", until, len(blocks), want, err)
		}
	}
	c := read(t, feed(";VALUE=DATE:20261102", "RRULE:FREQ=DAILY;UNTIL=20261103T230000Z"), in(t, "Europe/Berlin"))
	wantBlocks(t, c, "2026-10-01", "2026-12-01", // the midnight between the third and the fourth is within
		"11-01 23:00 - 11-01 23:30", "11-02 23:00 - 11-02 23:30", "11-03 23:00 - 11-03 23:30")
}

// What is taken out is named by time, by another zone's time, or by date.
func TestExceptions(t *testing.T) {
	for _, line := range []string{
		"EXDATE;TZID=Europe/Berlin:20261103T090000,20261104T090000", "EXDATE:20261103T080000Z,20261104T080000Z",
		"EXDATE;VALUE=DATE:20261103,20261104", "EXDATE:20261103T080000Z\nEXDATE:20261104T080000Z",
		"EXDATE;TZID=Asia/Tokyo:20261103T170000,20261104T170000",
		"EXRULE:FREQ=DAILY;BYMONTHDAY=3,4;UNTIL=20261104T080000Z\nEXDATE;VALUE=DATE:20261130",
	} {
		c := read(t, feed(";TZID=Europe/Berlin:20261102T090000", "RRULE:FREQ=DAILY;COUNT=4", line), Options{})
		want := []string{"11-02 08:00 - 11-02 08:30", "11-05 08:00 - 11-05 08:30"}
		if strings.HasPrefix(line, "EXRULE") { // whose start is always one of it
			want = want[1:]
		}
		wantBlocks(t, c, "2026-11-01", "2026-12-01", want...)
	}
}

// Rules that calendars write, each with its first instances.
func TestRules(t *testing.T) {
	for _, c := range []struct{ start, rule, want string }{
		{"20260105", "FREQ=MONTHLY;BYDAY=-1FR", "01-05 01-30 02-27 03-27"}, // the start is one, whatever the rule says
		{"20260131", "FREQ=MONTHLY", "01-31 03-31 05-31 07-31"},            // and no 30th
		{"20240229", "FREQ=YEARLY", "02-29 02-29 02-29 02-29"},             // every fourth year
		{"20260105", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "01-05 01-18 01-19 02-01"},
		{"20260105", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", "01-05 01-11 01-19 01-25"},
		{"20261228", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "12-28 12-27 12-28 12-28"},
		{"20261231", "FREQ=YEARLY;BYYEARDAY=-1", "12-31 12-31 12-31 12-31"},
		{"20260115", "FREQ=MONTHLY;BYMONTHDAY=-1,15", "01-15 01-31 02-15 02-28"},
		{"20261126", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;", "11-26 11-25 11-23 11-22"}, // with a semicolon too many
		{"20261126", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT", "11-26 11-26 11-26 11-26"},
		{"20261126", "freq=daily;interval=10", "11-26 12-06 12-16 12-26"},
	} {
		cal := read(t, feed(":"+c.start+"T120000Z", "RRULE:"+c.rule), Options{})
		blocks, err := cal.Blocks(day(t, "2024-01-01"), day(t, "2050-01-01"))
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		var got []string
		for _, b := range blocks[:4] {
			got = append(got, b.From.Format("01-02"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.rule, got, c.want)
		}
	}
}

// What isn't given to the library is passed over with a reason, and so is what there is far too
// much of. The rest of the feed counts.
func TestRulesThatAreRefused(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=HOURLY;BYHOUR=9,11":               errTooOften.Error(),
		"BYHOUR=9;FREQ=MINUTELY":                errTooOften.Error(),
		"FREQ=SECONDLY":                         errTooMany.Error(),
		"FREQ=FORTNIGHTLY":                      "FORTNIGHTLY",
		"RSCALE=CHINESE;FREQ=YEARLY;SKIP=OMIT":  "RSCALE",
		"FREQ=DAILY;COUNT=3;BYMONTHDAY=1,2,300": "bymonthday",
	} {
		text := feed(":20260105T080000Z", "RRULE:"+rule)
		text = strings.Replace(text, "END:VCALENDAR", "BEGIN:VEVENT\nUID:2\nDTSTART:20270101T000000Z\n"+
			"DTEND:20270101T010000Z\nEND:VEVENT\nEND:VCALENDAR", 1)
		blocks, err := read(t, text, Options{}).Blocks(day(t, "2026-12-31"), day(t, "2027-01-02"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "event 1") {
			t.Errorf("%s: %v, want %q", rule, err, want)
		}
		if last := blocks[len(blocks)-1]; !last.Until.After(time.Date(2027, 1, 1, 0, 59, 0, 0, time.UTC)) {
			t.Errorf("%s: the other event is missing: %v", rule, blocks)
		}
	}
}

// A panic while instances are made is an error of that event alone. Here it comes from who takes
// them.
func TestPanicsAreErrors(t *testing.T) {
	start := moment{wall: day(t, "2026-01-05"), zone: located(time.UTC)}
	err := each("FREQ=DAILY;COUNT=2", start, inTime(day(t, "2026-02-01")), func(moment) { panic("out of order") })
	if err == nil || err.Error() != "out of order" {
		t.Errorf("%v", err)
	}
}

// What takes too long is given up: a feed isn't read, and of one that is asked the event is passed
// over.
func TestPatience(t *testing.T) {
	over := bounds{day(t, "2100-01-01"), time.Now().Add(-time.Second)}
	single := feed(":20261102T090000Z")
	for _, text := range []string{single, file(t, "google.ics"), file(t, "freebusy.ics")} {
		if _, err := readWithin(strings.NewReader(text), Options{}, over); !errors.Is(err, errTooSlow) {
			t.Errorf("%v, want %v", err, errTooSlow)
		}
	}
	for lines, want := range map[string]bool{
		"": false, "RRULE:FREQ=DAILY": true, "RDATE:20261103T090000Z": true, "RRULE:FREQ=DAILY;COUNT=2\nEXRULE:FREQ=DAILY;INTERVAL=2": true,
	} {
		c := read(t, feed(":20261102T090000Z", lines), Options{})
		_, err := c.blocksWithin(day(t, "2026-11-01"), day(t, "2026-12-01"), over)
		if errors.Is(err, errTooSlow) != want {
			t.Errorf("%q: %v", lines, err)
		}
		if blocks, err := c.Blocks(day(t, "2026-11-01"), day(t, "2026-12-01")); err != nil || len(blocks) == 0 {
			t.Errorf("%q, in time: %v, %v", lines, blocks, err)
		}
	}
}

// A broken event is passed over, and told. Without it the rest counts.
func TestBrokenEvents(t *testing.T) {
	for _, start := range []string{
		":2026-11-02", ":yesterday", ";TZID=Europe/Berlin:20261302T090000", "X:20261102T090000Z",
	} {
		c, err := Read(strings.NewReader(feed(start)), Options{})
		if err != nil {
			t.Errorf("%s: %v", start, err)
			continue
		}
		if len(c.Faults()) != 1 || !strings.Contains(fmt.Sprint(c.Faults()), "event 1") {
			t.Errorf("%s: faults %v", start, c.Faults())
		}
	}
	for _, text := range []string{
		"", "<html>\n<body>Sign in\n", "BEGIN:VCARD\nEND:VCARD\n", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n",
	} {
		if _, err := Read(strings.NewReader(text), Options{}); err == nil {
			t.Errorf("%q is taken for a calendar", text)
		}
	}
}

// What isn't quite right, and means something nevertheless.
func TestForgiven(t *testing.T) {
	oneDay := strings.Replace(feed(";VALUE=DATE:20261102"), "DURATION:PT30M", "DTEND;VALUE=DATE:20261102", 1)
	wantBlocks(t, read(t, oneDay, Options{}), "2026-11-01", "2026-12-01", "11-02 00:00 - 11-03 00:00")
	nameless := strings.ReplaceAll(feed(":20261102T090000Z")+feed(":20261103T090000Z"), "UID:1\n", "")
	nameless = strings.Replace(nameless, "END:VCALENDAR\nBEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n", "", 1)
	wantBlocks(t, read(t, nameless, Options{}), "2026-11-01", "2026-12-01",
		"11-02 09:00 - 11-02 09:30", "11-03 09:00 - 11-03 09:30")
	wantBlocks(t, read(t, feed(":20261102T090000Z", "transp:Transparent"), Options{}), "2026-11-01", "2026-12-01")
}

// The names of Windows are all in the database.
func TestWindowsNames(t *testing.T) {
	for name, iana := range windows {
		if _, err := time.LoadLocation(iana); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
