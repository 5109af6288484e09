package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is a log in memory.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// lines are those written since the last call, without their times.
func (p *page) lines() (all []string) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.text.String()) {
		_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		all = append(all, rest)
	}
	p.text.Reset()
	return all
}

func (p *page) want(t *testing.T, want ...string) {
	t.Helper()
	if got := p.lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// logged runs f in virtual time with a log at the level info.
func logged(t *testing.T, f func(t *testing.T, log *slog.Logger, p *page, flush func())) {
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		log, flush := newLogger(p, &nodeSettings{LogFormat: "text", LogLevel: "info"})
		defer flush()
		f(t, log, p, flush)
	})
}

var errNo = errors.New("no")

// TestEachCauseOnceThenItsCount: ten lines a second for two minutes and a half are four.
func TestEachCauseOnceThenItsCount(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, _ func()) {
		log.Warn("link not made", "peer", "b", "error", errNo)
		time.Sleep(50 * time.Millisecond) // no line falls on the end of a minute
		for range 1500 {
			log.Warn("link not made", "peer", "b", "error", errNo)
			time.Sleep(100 * time.Millisecond)
		}
		p.want(t,
			"level=WARN msg=\"link not made\" peer=b error=no",
			"level=WARN msg=\"link not made\" repeated=600 peer=b error=no",
			"level=WARN msg=\"link not made\" repeated=600 peer=b error=no",
		)
		time.Sleep(repeatInterval / 2)
		p.want(t, "level=WARN msg=\"link not made\" repeated=300 peer=b error=no")
		time.Sleep(repeatInterval)
		p.want(t)
		log.Warn("link not made", "peer", "b", "error", errNo)
		p.want(t, "level=WARN msg=\"link not made\" peer=b error=no")
	})
}

// TestQuietCauseIsTold: nobody logs any more, and what was left out is told all the same, at the
// end of its minute.
func TestQuietCauseIsTold(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, _ func()) {
		log.Warn("a", "error", errNo)
		time.Sleep(10 * time.Second)
		log.Warn("a", "error", errNo, "partition", 7)
		p.want(t, "level=WARN msg=a error=no")
		time.Sleep(50*time.Second - 1)
		p.want(t)
		time.Sleep(time.Nanosecond)
		p.want(t, "level=WARN msg=a repeated=1 error=no partition=7")
	})
}

// TestFlushTellsAll: a process that ends loses no count, and what comes afterwards passes.
func TestFlushTellsAll(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, flush func()) {
		for range 3 {
			log.Error("b")
			log.Warn("a")
		}
		log.Warn("once")
		p.lines()
		flush()
		p.want(t, "level=ERROR msg=b repeated=2", "level=WARN msg=a repeated=2")
		log.Warn("a")
		log.Warn("a")
		p.want(t, "level=WARN msg=a", "level=WARN msg=a")
		time.Sleep(2 * repeatInterval)
		p.want(t)
	})
}

// TestOldestCauseGoes: of more causes than are kept, the one told longest ago goes; its count is
// told, and it is new again.
func TestOldestCauseGoes(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, _ func()) {
		log.Warn("first")
		log.Warn("first")
		log.Warn("second")
		many(log, maxCauses-2)
		p.lines()
		log.Warn("second")
		log.Warn("one too many")
		p.want(t, "level=WARN msg=first repeated=1", "level=WARN msg=\"one too many\"")
		log.Warn("first")
		p.want(t, "level=WARN msg=second repeated=1", "level=WARN msg=first")
	})
}

// TestToldAgainIsYoung: a cause that lasts is not the oldest because it came first.
func TestToldAgainIsYoung(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, _ func()) {
		log.Warn("lasts")
		log.Warn("lasts")
		time.Sleep(repeatInterval / 2)
		log.Warn("goes")
		time.Sleep(repeatInterval/2 + time.Second)
		p.want(t, "level=WARN msg=lasts", "level=WARN msg=goes", "level=WARN msg=lasts repeated=1")
		many(log, maxCauses-1)
		p.lines()
		log.Warn("lasts")
		p.want(t)
		log.Warn("goes") // and now the other one is the oldest
		p.want(t, "level=WARN msg=lasts repeated=1", "level=WARN msg=goes")
	})
}

// TestNothingIsLost: whatever is logged in whichever order, the lines shown and the counts add up
// to what was logged.
func TestNothingIsLost(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, flush func()) {
		const all = 5000
		for i := range all {
			log.With("peer", i%7).WithGroup("g").Warn("w", "error", fmt.Sprintf("x%dx", i*i%(maxCauses+100)), "i", i)
			time.Sleep(time.Duration(i%5) * 20 * time.Millisecond)
		}
		flush()
		var total int
		for _, line := range p.lines() {
			n := 1
			if m := repeatedCount.FindStringSubmatch(line); m != nil {
				n, _ = strconv.Atoi(m[1])
			}
			total += n
		}
		if total != all {
			t.Errorf("%d lines are told of, want %d", total, all)
		}
	})
}

var repeatedCount = regexp.MustCompile(` (?:repeated|others)=(\d+) `)

// many logs n causes, of so many kinds that all are told.
func many(log *slog.Logger, n int) {
	for i := range n {
		log.Warn("many "+strings.Repeat("x", 1+i/maxOfKind), "error", fmt.Sprintf("x%dx", i))
	}
}

// TestFewOfAKind: strangers make a cause each, and get four lines in 10 s, and fewer later.
func TestFewOfAKind(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, flush func()) {
		for i := range 1000 {
			log.Warn("peer refused", "from", fmt.Sprintf("10.0.%d.%d:77", i/250, i%250))
		}
		log.Warn("another kind", "error", errNo)
		if got := p.lines(); len(got) != maxOfKind+1 {
			t.Errorf("at once %d lines, want %d and the other kind's: %q", len(got), maxOfKind, got)
		}
		time.Sleep(kindInterval)
		p.want(t, `level=WARN msg="peer refused" others=997 from=10.0.3.249:77`)
		log.Warn("peer refused", "from", "10.1.0.1:1")
		log.Warn("peer refused", "from", "10.1.0.2:1")
		time.Sleep(2*kindInterval - 1)
		p.want(t)
		time.Sleep(time.Nanosecond)
		p.want(t, `level=WARN msg="peer refused" others=2 from=10.1.0.2:1`)
		time.Sleep(4*kindInterval + 1) // nothing more has come, so the next one is told
		log.Warn("peer refused", "from", "10.2.0.1:1")
		log.Warn("peer refused", "from", "10.2.0.1:2")
		p.want(t, `level=WARN msg="peer refused" from=10.2.0.1:1`)
		flush()
		p.want(t, `level=WARN msg="peer refused" repeated=1 from=10.2.0.1:2`)
	})
}

// TestFloodIsFewLines: 100,000 lines of ten kinds from fifty addresses within a minute are under
// 100.
func TestFloodIsFewLines(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, flush func()) {
		for i := range 100_000 {
			log.Warn("kind "+strings.Repeat("x", 1+i%10), "from", fmt.Sprintf("10.0.0.%d:77", i%50), "error",
				fmt.Sprintf("x%dx", i%999))
			time.Sleep(550 * time.Microsecond)
		}
		if got := len(p.lines()); got >= 100 {
			t.Errorf("%d lines", got)
		}
	})
}

// TestKindsAreFew: messages may differ without end, too.
func TestKindsAreFew(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, _ func()) {
		for i := range 10 * maxKinds {
			log.Warn("m" + strings.Repeat("x", i))
		}
		if got := len(p.lines()); got != maxKinds+maxOfKind {
			t.Errorf("%d lines, want one of each of %d kinds and %d of the rest", got, maxKinds, maxOfKind)
		}
		time.Sleep(kindInterval)
		if got := p.lines(); len(got) != 1 || !strings.Contains(got[0], "others=897") {
			t.Errorf("then %q", got)
		}
	})
}

func TestKind(t *testing.T) {
	for msg, want := range map[string]string{
		"link not made":                                                   "link not made",
		"this node's clock is off":                                        "this node's clock is off",
		"http: TLS handshake error from 10.0.0.1:33: EOF":                 "http TLS handshake error from",
		"msg type (200) not supported from=10.0.0.1:33":                   "msg type",
		"Got ping for unexpected node 'some words' from=10.0.0.1:33":      "Got ping for unexpected node",
		"Failed to decode ping request: msgpack says so from=10.0.0.1:33": "Failed to decode ping request",
		"Failed push/pull merge: node has others":                         "Failed push/pull merge",
		"Suspect b~18ebe69f09c70b08 has failed, no acks received":         "Suspect",
		"a b c d e f g h i j":                                             "a b c d e f g h",
	} {
		if got := kindOf(slog.NewRecord(time.Now(), slog.LevelInfo, msg, 0)); got != "INFO "+want {
			t.Errorf("%q: %q, want %q", msg, got, want)
		}
	}
}
