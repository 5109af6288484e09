package shard

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts in testdata anew; look at the diff")

// TestTranscripts plays the stories in testdata/*.txt. A line that begins with "> " is an
// operation; what follows is what it led to. With -rewrite the answers are written anew.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

// play runs the operations of a transcript and returns it with fresh answers. Comments and blank
// lines stay.
func play(t *testing.T, transcript string) string {
	s := &stage{p: New(testSettings(), NewMemory(testSettings()), 0, Origin), now: Origin, refs: map[string]Ref{}}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(transcript, "\n"), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			b.WriteString(line + "\n")
		case strings.HasPrefix(line, "> "):
			b.WriteString(line + "\n" + s.do(t, strings.Fields(line[2:])))
			if err := s.p.Check(); err != nil {
				t.Fatalf("after %q: %v", line, err)
			}
		}
	}
	return b.String()
}

type stage struct {
	p     *Partition
	now   Tick
	stamp Version
	refs  map[string]Ref
}

var outcomeNames = [...]string{"", "moved", "replaced", "gone", "too many", "full"}

// do carries out one operation; words are its name and arguments.
func (s *stage) do(t *testing.T, words []string) (out string) {
	s.stamp += 1 << versionLowBits
	warming := s.p.Warming()
	defer func() {
		if warming && !s.p.Warming() {
			out += fmt.Sprintf("  %d: nothing is in doubt any more\n", s.now-Origin)
		}
	}()
	arg := append(words[1:], "", "", "")
	answer := ""
	switch words[0] {
	case "wait":
		n, err := strconv.Atoi(arg[0])
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			s.now++
			s.p.Advance(s.now)
			answer += s.changes()
		}
		return answer
	case "see": // see WHO VIEWER…
		for _, viewer := range words[2:] {
			r := s.p.Record(s.now, KeyOf(arg[0]), viewerNamed(viewer), false)
			answer += fmt.Sprintf("  %s sees %s, last seen %s%s\n", viewer, r.State, s.ago(r.LastSeen), s.says(r.Status))
		}
		return answer
	case "held":
		held := s.p.Said(KeyOf(arg[0])).Opaque
		return fmt.Sprintf("  %d opaque facts of %d bytes\n", held.Facts, held.Bytes)
	default:
		if o := outcomeNames[s.apply(t, words[0], KeyOf(arg[0]), arg[1], arg[2])]; o != "" {
			answer = "  " + o + "\n"
		}
		return answer + s.changes()
	}
}

func (s *stage) apply(t *testing.T, op string, k Key, what, activity string) Outcome {
	switch op {
	case "hello":
		a, _ := ParseActivity(activity)
		ref, _, o := s.p.Announce(s.now, Announcement{k, what, a, s.stamp})
		s.refs[k.ID+what] = ref
		return o
	case "beat":
		a, _ := ParseActivity(activity)
		return s.p.Report(s.now, s.refs[k.ID+what], a)
	case "http":
		a, _ := ParseActivity(activity)
		return s.p.Heartbeat(s.now, k, what, a, s.stamp)
	case "close":
		return s.p.Close(s.now, k, what, s.p.device(s.refs[k.ID+what].Slot).session())
	case "signout":
		return s.p.SignOut(k, what, s.stamp)
	case "override":
		o, err := ParseOverride(what)
		if err != nil {
			t.Fatal(err)
		}
		return s.p.SetOverride(s.now, k, o, s.stamp)
	case "kind":
		kind, err := ParseKind(what)
		if err != nil {
			t.Fatal(err)
		}
		return s.p.SetKind(k, kind, s.stamp)
	case "status", "public": // WHO TEXT TICKS; "-" clears it
		if what == "-" {
			what = ""
		}
		return s.p.SetStatus(s.now, k, Status{Text: what, Until: s.after(activity)}, op == "public", s.stamp)
	case "pick": // pick WHO OVERRIDE TICKS
		o, err := ParseOverride(what)
		if err != nil {
			t.Fatal(err)
		}
		return s.p.SetOverrideUntil(s.now, k, o, s.after(activity), s.stamp)
	case "claim": // claim WHO SOURCE TICKS
		return s.p.SetClaim(s.now, k, what, s.after(activity), s.stamp)
	case "available":
		a, err := ParseAvailability(what)
		if err != nil {
			t.Fatal(err)
		}
		return s.p.SetAvailability(s.now, k, a, s.stamp)
	case "newer": // newer WHO SUBKEY TICKS
		until := int64(0)
		if ticks, err := strconv.Atoi(activity); err == nil {
			until = s.p.settings.Time(s.now + Tick(ticks))
		}
		if err := s.p.takeIn(s.now, newer(200, k.ID, what, s.stamp, until, "rest")); err != nil {
			t.Fatal(err)
		}
		return Done
	case "erase":
		s.p.Erase(k, s.stamp, s.stamp.Millis())
		return Done
	case "unpicked":
		return s.p.RecallOverride(s.now, k, OverrideAuto, 0, NeverPicked)
	case "lose", "doubt":
		s.p.SetWhole(op == "doubt")
		s.p.Warm(s.now)
		return Done
	case "distrust":
		s.p.Distrust(s.now)
		return Done
	case "block":
		return s.p.SetBlock(k, viewerNamed(what), true, s.stamp)
	case "trust":
		s.p.Cool()
		return Done
	case "message":
		return s.p.OpenWindow(s.now, k, KeyOf(what), s.p.settings.Time(s.now))
	}
	t.Fatalf("unknown operation %q", op)
	return Full
}

// changes tells who looks different now; the tick is counted from the beginning.
func (s *stage) changes() (lines string) {
	s.p.TakeChanges(func(c Change) {
		if k := KeyOf(string(c.ID)); !s.p.Complete(k, &c) {
			lines += fmt.Sprintf("  %d: of %s nothing is told\n", s.now-Origin, c.ID)
			return
		}
		if c.Pair {
			excepted := map[Trust]string{Excepted: "true", Denied: "denied"}
			lines += fmt.Sprintf("  %d: %s has an exception for %s: %s\n", s.now-Origin, c.ID, viewerOf(c.Viewer),
				cmp.Or(excepted[c.Trust], "false"))
			return
		}
		lines += fmt.Sprintf("  %d: %s is %s", s.now-Origin, c.ID, c.View.Public)
		if c.View.Self != c.View.Public {
			lines += fmt.Sprintf(" (to itself %s, behind that %s)", c.View.Self, c.View.Inner)
		}
		lines += s.sayings(c.View.Sayings) + "\n"
	})
	return lines
}

// viewerOf is the name of a viewer by its hash.
func viewerOf(hash uint64) string {
	for _, name := range []string{"ada", "ben", "cleo", "dan", "eve"} {
		if viewerNamed(name).Hash == hash {
			return name
		}
	}
	return "somebody"
}

func (s *stage) ago(seen Tick) string {
	if seen == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d ticks ago", s.now-seen)
}

// after is a time so many ticks from now, or 0.
func (s *stage) after(ticks string) int64 {
	n, err := strconv.Atoi(ticks)
	if err != nil {
		return 0
	}
	return s.p.settings.Time(s.now + Tick(n))
}

func (s *stage) says(status Status) string {
	if status == (Status{}) {
		return ""
	}
	return fmt.Sprintf(", says %q%s", status.Text, s.until(status.Until))
}

func (s *stage) until(at int64) string {
	if at == 0 {
		return ""
	}
	return fmt.Sprintf(" until %d", s.p.settings.tickAfter(at)-Origin)
}

func (s *stage) sayings(all *Sayings) (line string) {
	if all == nil {
		return ""
	}
	line = s.says(all.PublicStatus)
	if all.InnerStatus != all.PublicStatus {
		line += ", inside" + s.says(all.InnerStatus)
	}
	if all.OverrideUntil != 0 {
		line += ", picked" + s.until(all.OverrideUntil)
	}
	for _, c := range all.Claims {
		line += ", " + c.Source + s.until(c.Until)
	}
	return line
}
