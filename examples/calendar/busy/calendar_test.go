package busy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// read reads a feed with the lines' ends that calendars write.
func read(t *testing.T, text string, o Options) *Calendar {
	t.Helper()
	c, err := Read(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range c.Faults() {
		t.Error(fault)
	}
	return c
}

// wantBlocks compares what c says of some days with lines such as "11-28 09:00 - 11-28 10:00", in
// UTC.
func wantBlocks(t *testing.T, c *Calendar, from, until string, want ...string) {
	t.Helper()
	blocks, err := c.Blocks(day(t, from), day(t, until))
	if err != nil {
		t.Fatal(err)
	}
	const form = "01-02 15:04"
	var got []string
	for _, b := range blocks {
		got = append(got, b.From.UTC().Format(form)+" - "+b.Until.UTC().Format(form))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func in(t *testing.T, zone string) Options {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Zone: l}
}

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Clocks go back on the 25th: the stand-up is an hour later in UTC from then on, and the two days
// off are 49 hours.
func TestGoogle(t *testing.T) {
	text := file(t, "google.ics")
	wantBlocks(t, read(t, text, Options{}), "2026-10-16", "2026-11-03",
		"10-16 07:30 - 10-16 08:00",
		"10-19 07:30 - 10-19 08:00",
		// not the 23rd: EXDATE
		"10-23 22:00 - 10-25 23:00",
		"10-26 13:00 - 10-26 14:00", // moved, and not at 08:30
		// not the 30th: cancelled
		"11-02 08:30 - 11-02 09:00",
	)
	wantBlocks(t, read(t, text, Options{}), "2026-11-26", "2026-12-31",
		"11-27 08:30 - 11-27 09:00",
		"11-30 08:30 - 11-30 09:00", // the last one before UNTIL
	)
	wantBlocks(t, read(t, text, Options{Tentative: true}), "2026-10-27", "2026-10-28", "10-27 15:00 - 10-27 16:00")
}

// The second Tuesday is in daylight time in October, and not in November.
func TestOutlook(t *testing.T) {
	wantBlocks(t, read(t, "\ufeff"+file(t, "outlook.ics"), in(t, "America/New_York")), "2026-10-01", "2027-05-01",
		"10-13 13:00 - 10-13 14:30",
		// not November 10: EXDATE
		"11-18 05:00 - 11-20 05:00", // out of office
		"11-24 08:00 - 11-24 09:00", // in the zone that the feed makes itself
		"12-09 16:00 - 12-09 17:00", // moved by a day and two hours
		"01-12 14:00 - 01-12 15:30",
		"02-09 14:00 - 02-09 15:30",
		"03-09 14:00 - 03-09 15:30", // until the 31st
	)
}

// Clocks go back on April 5 in Sydney: evenings are later in UTC from then on.
func TestApple(t *testing.T) {
	c := read(t, file(t, "apple.ics"), in(t, "Australia/Sydney"))
	wantBlocks(t, c, "2026-03-01", "2026-04-03",
		"03-26 21:00 - 03-26 21:30",
		"04-01 08:00 - 04-01 09:00", // the course, before it moved
		"04-02 08:00 - 04-02 09:00",
	)
	wantBlocks(t, c, "2026-04-03", "2026-06-01",
		"04-03 08:00 - 04-03 09:00",
		"04-03 13:00 - 04-05 14:00", // the weekend of 49 hours, with two evenings of the course in it
		"04-09 22:00 - 04-09 22:30", // the course is cancelled from the 6th on
		"04-23 22:00 - 04-23 22:30",
		"05-07 22:00 - 05-07 22:30", // the fourth
	)
}

func TestNextcloud(t *testing.T) {
	wantBlocks(t, read(t, file(t, "nextcloud.ics"), in(t, "Europe/Lisbon")), "2026-08-01", "2026-12-01",
		"08-31 04:00 - 08-31 05:00",
		"09-26 10:00 - 09-27 09:00", // a day of 23 hours
		"09-30 03:00 - 09-30 04:00",
		"10-01 11:00 - 10-01 11:45", // floating: at noon of where the owner is
		"10-01 22:00 - 10-01 23:00", // the one with the greatest SEQUENCE
		"10-04 20:00 - 10-04 20:30",
		"10-15 03:00 - 10-15 04:00", // RDATE
		"10-30 03:00 - 10-30 04:00", // a Friday: the 31st is none to work on
		"11-30 03:00 - 11-30 04:00",
	)
}

func TestFreeBusy(t *testing.T) {
	text := file(t, "freebusy.ics")
	wantBlocks(t, read(t, text, Options{}), "2026-11-01", "2026-12-31",
		"11-28 09:00 - 11-28 10:30", // two that overlap
		"11-30 08:00 - 11-30 08:30",
		"12-01 17:00 - 12-02 19:00",
		"12-05 10:00 - 12-05 11:00",
	)
	wantBlocks(t, read(t, text, Options{Tentative: true}), "2026-12-03", "2026-12-04", "12-03 10:00 - 12-03 11:00")
}

func TestZones(t *testing.T) {
	wantBlocks(t, read(t, file(t, "own-zone.ics"), in(t, "Asia/Tokyo")), "2026-11-29", "2026-12-01",
		"11-29 17:00 - 11-29 17:30", // "Local" is no zone: the owner's, not this machine's
		"11-30 03:30 - 11-30 04:30",
		"11-30 08:00 - 11-30 09:00",
		"11-30 12:00 - 11-30 13:00",
	)
}
