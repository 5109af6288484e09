package pasted

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPages plays the pages, each from its first to its last block.
func TestPages(t *testing.T) {
	needsRoot(t)
	for _, page := range played {
		t.Run(strings.ReplaceAll(page, "/", "_"), func(t *testing.T) {
			t.Parallel()
			s := &story{t: t, page: page}
			s.play(read(t, page))
		})
	}
}

// story is one page as it is followed.
type story struct {
	t         *testing.T
	page      string
	machine   *machine
	terminals map[string]*terminal
	at        *terminal // where the person is
	watching  *terminal // where presence watch runs
	skipped   bool      // the last block was, and what it prints is to be as well
}

func (s *story) play(all []part) {
	for i, p := range all {
		switch p.kind {
		case "machine":
			s.move(p.text, true)
		case "terminal":
			s.turn(p.text)
		case "press":
			s.at.press(p.text)
		case "sh":
			if s.skipped = mark(all, i).kind != ""; !s.skipped {
				s.paste(p)
			}
		case "", "json":
			if !s.skipped {
				s.compare(p)
			}
		default:
			s.skipped = true // a configuration, not a command
		}
	}
	s.leave()
}

// move goes to a new machine.
func (s *story) move(name string, installed bool) {
	s.leave()
	s.machine = boot(s.t, installed)
	s.terminals = map[string]*terminal{}
	s.turn(name)
}

// leave looks whether a terminal shows more than the page says.
func (s *story) leave() {
	for _, x := range s.terminals {
		x.done(fmt.Sprintf("%s, at its end", s.page))
	}
}

// turn goes to a terminal, and opens it at the first time.
func (s *story) turn(name string) {
	if s.machine == nil {
		s.move(name, false)
		return
	}
	if s.terminals[name] == nil {
		s.terminals[name] = s.machine.open(name)
	}
	s.at = s.terminals[name]
}

var (
	serves  = regexp.MustCompile(`presence serve[^&]*$`)
	watches = regexp.MustCompile(`presence watch[^&]*$`)
)

// paste pastes a block, and waits until it has done what it does. Then the person reads on for a
// minute.
func (s *story) paste(p part) {
	s.t.Logf("%s:%d, at %s", s.page, p.line, s.at.name)
	s.at.write(p.text)
	switch lines := strings.Split(strings.TrimSpace(p.text), "\n"); {
	case serves.MatchString(lines[len(lines)-1]):
		s.at.shows("msg=listening")
	case watches.MatchString(lines[len(lines)-1]):
		s.watching = s.at
		s.at.shows("Ctrl-C ends")
	default:
		s.at.settle()
	}
	time.Sleep(minute())
}

// minute is what a person takes to read on. It is no wait for anything: heartbeats must outlive it.
func minute() time.Duration {
	if full {
		return time.Minute
	}
	return time.Second
}

var moment = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  `)

// compare waits for what the page says is printed.
func (s *story) compare(p part) {
	x := s.at
	if moment.MatchString(p.text) {
		x = s.watching
	}
	for _, line := range plain(p.text) {
		if line != "" {
			x.compare(fmt.Sprintf("%s:%d", s.page, p.line), line)
		}
	}
}

func (x *terminal) shows(text string) {
	x.t.Helper()
	x.until(text, patience, func() bool { return strings.Contains(x.text(), text) })
}

// answer is a line that a reader would take for the answer to a command.
var answer = regexp.MustCompile(`^((T |ada )?[●◐⊖◌○?] |device \S+ (online|idle) seen|override|\{"|` +
	`NODE |n\d all|table |presence: |curl: |bash: )`)

// compare waits for a line, before which there may be none that looks like another answer.
func (x *terminal) compare(place, want string) {
	x.t.Helper()
	x.until(fmt.Sprintf("%s: %q", place, want), patience, func() bool {
		for i, line := range x.lines()[x.seen:] {
			if line == want {
				x.seen += i + 1
				return true
			}
			if answer.MatchString(line) {
				x.t.Fatalf("%s: at %s the page shows\n%s\nand the terminal\n%s\nof\n%s", place, x.name, want, line,
					x.text())
			}
		}
		return false
	})
}

// done looks at what has not been compared.
func (x *terminal) done(place string) {
	x.t.Helper()
	for _, line := range x.lines()[x.seen:] {
		if answer.MatchString(line) {
			x.t.Errorf("%s: %s shows %q, and the page doesn't", place, x.name, line)
		}
	}
}

// differs is what is another each time, and what stands for it.
var differs = []struct {
	find *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "D"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "T"},
	{regexp.MustCompile(`seen (\d+[hms])+ ago`), "seen S ago"},
	{regexp.MustCompile(`node \S+ as`), "node N as"},
	{regexp.MustCompile(`heartbeat every \S+`), "heartbeat every E"},
	{regexp.MustCompile(`\bdevel\b|v\d+\.\d+\.\d+\S*`), "V"},
	{regexp.MustCompile(` +`), " "},
}

// plain gives the lines of a text without what differs.
func plain(text string) (lines []string) {
	for _, d := range differs {
		text = d.find.ReplaceAllString(text, d.with)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}
