package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/client/presence"
	"github.com/scaiwave/presence/examples/calendar/busy"
)

// away is who the job talks to, without a network: a calendar's server, and Presence.
type away struct {
	mu sync.Mutex // the test's, except while time goes by

	t       *testing.T
	feed    string // empty: it can't be reached
	tag     string
	refuse  bool // Presence does
	reads   int
	said    []string // "HH:MM:SS claim" of those that came
	logged  strings.Builder
	keeping *settings
	stop    func() // ends the job
}

func newAway(t *testing.T) *away {
	a := &away{t: t}
	a.mu.Lock()
	client := &http.Client{Transport: a}
	a.keeping = &settings{
		api:   presence.API{Server: "http://presence", Token: "service", HTTP: client},
		feeds: client, reads: make(chan struct{}, 1), source: "calendar",
		every: 5 * time.Minute, hold: 15 * time.Minute, trust: time.Hour,
		logger: slog.New(slog.NewTextHandler(&a.logged, nil)),
	}
	return a
}

// start runs a keeper, in a bubble.
func (a *away) start() {
	var ctx context.Context
	ctx, a.stop = context.WithCancel(a.t.Context())
	go newKeeper(a.keeping, person{id: "ada", address: "https://user:secret@calendar/ada.ics"}).run(ctx)
	a.pass(0)
}

// pass lets time go by.
func (a *away) pass(d time.Duration) {
	a.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	a.mu.Lock()
}

// RoundTrip is http.RoundTripper's.
func (a *away) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := httptest.NewRecorder()
	switch {
	case r.URL.Host == "presence":
		a.answer(w, r)
	case a.feed == "":
		return nil, io.ErrUnexpectedEOF
	case a.tag != "" && r.Header.Get("If-None-Match") == a.tag:
		w.WriteHeader(http.StatusNotModified)
	default:
		a.reads++
		w.Header().Set("ETag", a.tag)
		_, _ = io.WriteString(w, a.feed)
	}
	return w.Result(), nil
}

// answer is what Presence does.
func (a *away) answer(w http.ResponseWriter, r *http.Request) {
	if a.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path != "/v1/presence/ada/busy/calendar" || r.Header.Get("Authorization") != "Bearer service" {
		a.t.Errorf("%s %s", r.Method, r.URL)
	}
	claim := "none"
	if r.Method == http.MethodPut {
		var body struct {
			ExpiresAt time.Time `json:"expires_at"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			a.t.Error(err)
		}
		claim = "until " + body.ExpiresAt.UTC().Format("15:04")
	}
	a.said = append(a.said, time.Now().UTC().Format("15:04")+" "+claim)
	w.WriteHeader(http.StatusNoContent)
}

// want compares what came with what was to come, and forgets it.
func (a *away) want(want ...string) {
	a.t.Helper()
	if !slices.Equal(a.said, want) {
		a.t.Errorf("said %q, want %q", a.said, want)
	}
	a.said = nil
}

// meeting is a feed with one meeting on the first day of synctest, from and until times such as
// 0930.
func meeting(from, until string) string {
	return fmt.Sprintf("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20000101T%s00Z\r\n"+
		"DTEND:20000101T%s00Z\r\nSUMMARY:secret\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", from, until)
}

// keep runs a keeper in a bubble for as long as f takes.
func keep(t *testing.T, f func(a *away)) {
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t)
		a.feed = meeting("0030", "0110")
		a.start()
		f(a)
		a.stop()
		synctest.Wait()
	})
}

// A claim begins with the meeting, is renewed when half of it is over, and is left to end with it.
func TestMeeting(t *testing.T) {
	keep(t, func(a *away) {
		a.want("00:00 none") // one from before this process
		a.pass(29 * time.Minute)
		a.want()
		a.pass(5 * time.Hour)
		a.want("00:30 until 00:45", "00:37 until 00:52", "00:45 until 01:00", "00:52 until 01:07", "01:00 until 01:10")
	})
}

// What the calendar says anew counts when it is read: a meeting that is shorter, longer, or gone.
func TestMeetingThatChanges(t *testing.T) {
	keep(t, func(a *away) {
		a.want("00:00 none")
		a.pass(56 * time.Minute)
		a.want("00:30 until 00:45", "00:37 until 00:52", "00:45 until 01:00", "00:52 until 01:07")
		a.feed = meeting("0030", "0100")
		a.pass(5 * time.Minute)
		a.want("01:00 none") // read a moment before its end, or after
		a.feed = meeting("0030", "0104")
		a.pass(4 * time.Minute)
		a.want()
	})
	keep(t, func(a *away) {
		a.want("00:00 none")
		a.pass(31 * time.Minute)
		a.want("00:30 until 00:45")
		a.feed = meeting("0030", "0040")
		a.pass(4 * time.Minute)
		a.want("00:35 until 00:40")
		a.feed = meeting("0230", "0240")
		a.pass(4 * time.Minute)
		a.want()
	})
	keep(t, func(a *away) {
		a.want("00:00 none")
		a.pass(31 * time.Minute)
		a.want("00:30 until 00:45")
		a.feed = strings.Replace(a.feed, "UID:1", "UID:1\r\nSTATUS:CANCELLED", 1)
		a.pass(5 * time.Minute)
		a.want("00:35 none")
	})
}

// Nobody stays busy for longer than -hold once the job is gone: what it said last is all there is.
func TestJobThatDies(t *testing.T) {
	keep(t, func(a *away) {
		a.pass(31 * time.Minute)
		a.want("00:00 none", "00:30 until 00:45")
		a.stop()
		a.pass(24 * time.Hour)
		a.want()
	})
}

// A feed that can't be read counts as it was, for -trust. Its address is in no log.
func TestFeedThatFails(t *testing.T) {
	keep(t, func(a *away) {
		a.feed = meeting("0030", "0400")
		a.pass(31 * time.Minute)
		a.want("00:00 none", "00:30 until 00:45")
		a.feed = ""
		a.pass(59 * time.Minute) // it was read at 00:30
		a.said = a.said[max(0, len(a.said)-1):]
		a.want("01:30 until 01:45")
		a.pass(10 * time.Minute)
		a.want("01:35 none")
		a.feed = meeting("0030", "0400")
		a.pass(5 * time.Minute)
		a.want("01:45 until 02:00")
		if logs := a.logged.String(); !strings.Contains(logs, "participant=ada") || strings.Contains(logs, "secret") {
			t.Errorf("logged %s", logs)
		}
	})
}

// A feed that is too large isn't read, from wherever, and a log holds the beginning of what is wrong
// alone.
func TestFeedThatIsTooLarge(t *testing.T) {
	large := meeting("0030", "0110") + strings.Repeat(" ", maxFeedBytes)
	keep(t, func(a *away) {
		a.pass(28 * time.Minute)
		a.feed = large
		a.pass(3 * time.Minute)
		a.want("00:00 none", "00:30 until 00:45") // by the reading before
		if logs := a.logged.String(); !strings.Contains(logs, errTooLarge.Error()) {
			t.Errorf("logged %s", logs)
		}
		a.logged.Reset()
		a.feed = strings.Replace(meeting("0030", "0110"), "DTEND:", "DTEND:"+strings.Repeat("x", 1000), 1)
		a.pass(5 * time.Minute)
		if logs := a.logged.String(); !strings.Contains(logs, "passed over") || len(logs) > 2*maxBlame {
			t.Errorf("logged %s", logs)
		}
	})
	name := filepath.Join(t.TempDir(), "ada.ics")
	if err := os.WriteFile(name, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	f := feed{person: person{address: name}}
	if _, _, err := f.fetch(t.Context(), nil); !errors.Is(err, errTooLarge) {
		t.Errorf("a file: %v", err)
	}
}

// A feed that isn't there at first makes no claim, and drops none of an earlier process.
func TestFeedThatIsNeverRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t)
		a.start()
		a.pass(time.Hour)
		a.want()
		a.stop()
		synctest.Wait()
	})
}

// A claim that Presence refuses is made again soon.
func TestPresenceThatIsAway(t *testing.T) {
	keep(t, func(a *away) {
		a.said, a.refuse = nil, true
		a.pass(30*time.Minute + 30*time.Second)
		a.want()
		a.refuse = false
		a.pass(10 * time.Second)
		a.want("00:30 until 00:45")
	})
}

// A feed that says that it is as it was is not read again, and counts.
func TestFeedThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t)
		a.feed, a.tag = meeting("0200", "0210"), `"one"`
		a.start()
		a.pass(2*time.Hour + time.Minute)
		a.want("00:00 none", "02:00 until 02:10")
		if a.reads != 1 {
			t.Errorf("read %d times", a.reads)
		}
		a.stop()
		synctest.Wait()
	})
}

// Two meetings in a row are one time of being busy; with a pause they are two.
func TestPlan(t *testing.T) {
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	block := func(from, until int) busy.Block { return busy.Block{From: at(from), Until: at(until)} }
	for name, c := range map[string]struct {
		blocks []busy.Block
		held   time.Time
		want   step
	}{
		"nothing":                    {nil, now, step{wait: forever}},
		"nothing, and a claim":       {nil, at(5), step{call: true}},
		"later":                      {[]busy.Block{block(3, 9)}, now, step{wait: 3 * time.Minute}},
		"later, and a claim":         {[]busy.Block{block(3, 9)}, at(1), step{call: true}},
		"now":                        {[]busy.Block{block(0, 9)}, now, step{call: true, until: at(9)}},
		"now, and for long":          {[]busy.Block{block(0, 90)}, now, step{call: true, until: at(15)}},
		"claimed up to its end":      {[]busy.Block{block(0, 9)}, at(9), step{wait: 9 * time.Minute}},
		"claimed, half is not over":  {[]busy.Block{block(0, 90)}, at(10), step{wait: 150 * time.Second}},
		"claimed, half is over":      {[]busy.Block{block(0, 90)}, at(7), step{call: true, until: at(15)}},
		"claimed beyond its end":     {[]busy.Block{block(0, 5)}, at(9), step{call: true, until: at(5)}},
		"claimed, a little is left":  {[]busy.Block{block(0, 8)}, at(7), step{call: true, until: at(8)}},
		"claimed, and another later": {[]busy.Block{block(0, 5), block(7, 9)}, at(5), step{wait: 5 * time.Minute}},
	} {
		if got := plan(c.blocks, now, c.held, true, 15*time.Minute); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestPeople(t *testing.T) {
	people, err := parsePeople("# who\n\nada https://calendar.example/a%20b.ics?x=1 Europe/Berlin\nben ben.ics\n")
	if err != nil || len(people) != 2 || people[0].zone.String() != "Europe/Berlin" || people[1].zone != nil {
		t.Errorf("%+v, %v", people, err)
	}
	for _, line := range []string{"ada", "ada https://secret x y", "ada https://secret Europe/Bonn"} {
		if _, err := parsePeople(line); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// The program reads its files, and ends when it is told to.
func TestRun(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization")
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	t.Setenv("PRESENCE_TOKEN", "service")
	feeds, calendar := filepath.Join(t.TempDir(), "feeds"), filepath.Join(t.TempDir(), "ada.ics")
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	const form = "20060102T150405Z"
	text := strings.Replace(meeting("0000", "0100"), "20000101T000000Z", from.UTC().Format(form), 1)
	text = strings.Replace(text, "20000101T010000Z", until.UTC().Format(form), 1)
	for name, text := range map[string]string{feeds: "ada " + calendar + "\n", calendar: text} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-server", server.URL, "-feeds", feeds}, t.Output()) }()
	if call := <-got; call != "PUT /v1/presence/ada/busy/calendar Bearer service" {
		t.Error(call)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{{"-hold=5m"}, {"-feeds=" + feeds + "x"}, {"-nonsense"}, {"-hold=721h"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
