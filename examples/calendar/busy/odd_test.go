package busy

import (
	"strings"
	"testing"
)

// Zones go by odd names: of Windows as it shows them, of Exchange, with a sign and hours, or by a
// name that the feed makes up and says what it means. Whatever it is, it is a name.
func TestOddZones(t *testing.T) {
	text := file(t, "odd-zones.ics")
	wantBlocks(t, read(t, text, in(t, "Asia/Tokyo")), "2026-11-29", "2026-12-01",
		"11-30 00:00 - 11-30 00:30", // a name that nobody knows: where the owner is
		"11-30 08:00 - 11-30 08:30", // as Windows shows it, in quotes, with commas and a colon
		"11-30 09:00 - 11-30 09:30", // Exchange's own for UTC
		"11-30 10:00 - 11-30 10:30", // UTC, which nobody has to define
		"11-30 12:00 - 11-30 12:30", // in the feed alone, for ever at one offset
		"11-30 14:00 - 11-30 14:30", // Windows', without a definition
	)
}

// All days that come again, one of them left out, one moved, and a fortnight off that is cancelled.
func TestAllDaySeries(t *testing.T) {
	wantBlocks(t, read(t, file(t, "all-day.ics"), in(t, "Europe/Berlin")), "2026-10-01", "2026-12-01",
		"10-02 22:00 - 10-03 22:00",
		"10-09 22:00 - 10-10 22:00",
		// not the 17th: EXDATE
		"10-24 22:00 - 10-25 23:00", // a day late, and of 25 hours
		"10-30 23:00 - 10-31 23:00",
	)
}

// Lines end as they please, go on in the next one anywhere, and what isn't an event is none.
func TestLines(t *testing.T) {
	text := strings.ReplaceAll(file(t, "all-day.ics"), "\r\n", "\n")
	folded := strings.ReplaceAll(text, "EXDATE;VALUE=DATE:2026", "EXDATE;VAL\n UE=DATE\n\t:20\n 26")
	for name, text := range map[string]string{
		"LF": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "folded": folded,
		"no last end": strings.TrimRight(text, "\n"), "lower case": strings.ReplaceAll(folded, "RRULE:", "rrule:"),
	} {
		c, err := Read(strings.NewReader(text), in(t, "Europe/Berlin"))
		if err != nil || len(c.Faults()) > 0 {
			t.Errorf("%s: %v, %v", name, err, c.Faults())
			continue
		}
		blocks, err := c.Blocks(day(t, "2026-10-01"), day(t, "2026-12-01"))
		if err != nil || len(blocks) != 4 {
			t.Errorf("%s: %v, %v", name, blocks, err)
		}
	}
}
