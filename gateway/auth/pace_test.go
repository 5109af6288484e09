package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

var errDown = errors.New("down")

// fetches lets somebody ask for so long, as often as a fetch may be made, and returns after how
// long each was.
func fetches(p *pace, w want, d time.Duration, err error) (at []time.Duration) {
	for now := epoch; ; {
		if next := p.next(w); next.After(now) {
			now = next
		}
		if now.Sub(epoch) > d {
			return at
		}
		p.begin(now)
		p.end(now, err)
		at = append(at, now.Sub(epoch)/time.Second)
	}
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		w    want
		err  error
		d    time.Duration
		want []time.Duration // seconds
	}{
		"nobody asks":               {nothing, nil, 11 * time.Minute, []time.Duration{300, 600}},
		"nobody asks, and it fails": {nothing, errDown, 2 * time.Minute, []time.Duration{0, 5, 15, 35, 65, 95}},
		"unknown keys":              {unknown, nil, 22 * time.Second, []time.Duration{0, 1, 2, 3, 5, 10, 15, 20}},
		"unknown keys, and it fails": {
			unknown, errDown, 22 * time.Second,
			[]time.Duration{0, 1, 2, 3, 4, 6, 11, 16, 21},
		},
		"what looks like a rotation": {
			rotation, nil, 22 * time.Second,
			[]time.Duration{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 19, 20},
		},
	} {
		p := newPace()
		p.due = epoch
		if c.err == nil {
			p.end(epoch, nil)
		}
		if got := fetches(&p, c.w, c.d, c.err); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: fetches after %d s; want %d", name, got, c.want)
		}
	}
}

// The most that strangers can bring about, by whatever they send.
func TestPaceIsBounded(t *testing.T) {
	for _, err := range []error{nil, errDown} {
		p := newPace()
		if n := len(fetches(&p, rotation, time.Hour, err)); n > 16*60+askBurst+rotationBurst {
			t.Errorf("%d fetches in an hour (%v); want 16 a minute at most", n, err)
		}
	}
}

func TestSightings(t *testing.T) {
	var s sightings
	for _, c := range []struct {
		kid, subject string
		several      bool
	}{
		{"k", "alice", false},
		{"k", "alice", false},
		{"other", "bob", false},
		{"k", "bob", true},
		{"k", "alice", true},
	} {
		if got := s.add(c.kid, c.subject); got != c.several {
			t.Errorf("%s of %s: looks like a rotation: %v; want %v", c.kid, c.subject, got, c.several)
		}
	}
	for i := range 100_000 {
		s.add(fmt.Sprint(i), "alice")
		if len(s) > maxNamed {
			t.Fatalf("remembers %d keys; the limit is %d", len(s), maxNamed)
		}
	}
}

func TestMissing(t *testing.T) {
	var m missing
	d := digest{1}
	if m.has(d, epoch) {
		t.Error("remembers what it never saw")
	}
	m.add(d, epoch)
	if !m.has(d, epoch.Add(askAgain-1)) || m.has(d, epoch.Add(askAgain)) {
		t.Errorf("a token is remembered for %v", askAgain)
	}
	for i := range 100_000 {
		m.add(digest{byte(i), byte(i >> 8), byte(i >> 16)}, epoch)
		if len(m.when) > maxMissing {
			t.Fatalf("remembers %d tokens; the limit is %d", len(m.when), maxMissing)
		}
	}
}
