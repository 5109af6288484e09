package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// TestAStallIsChargedToEachRequest: a server stands still for a second of ten. A loop that waits
// for each answer has one slow request then. Users have 10 % of theirs.
func TestAStallIsChargedToEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, start := NewRecorder(), time.Now()
		r.Begin()
		Schedule{Rate: 100, Workers: 4, Units: 10, Do: func(_ context.Context, _ int64, due time.Time) {
			if at := time.Since(start); at >= 5*time.Second && at < 6*time.Second {
				time.Sleep(6*time.Second - at)
			}
			r.Done("work", due, 10, nil)
		}}.Run(t.Context(), 10*time.Second, r)
		c := r.Counts()
		if c.Offered != 10_000 || c.Achieved != 10_000 {
			t.Errorf("%d of %d; want 10000 of 10000", c.Achieved, c.Offered)
		}
		if p := r.Quantile("work", 95); p < 450*time.Millisecond || p > 550*time.Millisecond {
			t.Errorf("95 %% within %v; want half of the stall", p)
		}
		if late := r.Late(); late > time.Millisecond {
			t.Errorf("this program is blamed for %v of the server's stall", late)
		}
	})
}

func TestWhatWasNeverBegunIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder()
		r.Begin()
		Schedule{Rate: 100, Workers: 1, Units: 1, Do: func(_ context.Context, _ int64, due time.Time) {
			time.Sleep(100 * time.Millisecond)
			r.Done("work", due, 1, nil)
		}}.Run(t.Context(), time.Second, r)
		c := r.Counts()
		if c.Offered != 100 || c.Achieved < 19 || c.Achieved > 21 || c.Errors["not started"] != 100-c.Achieved {
			t.Errorf("%+v; want 100 offered, 20 achieved in two seconds, the rest not started", c)
		}
	})
}

func TestAScheduleHasAllThatFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for n := 1; n < 50; n++ {
			r, d := NewRecorder(), 49*time.Second
			r.Begin()
			Schedule{
				Rate: float64(n) / d.Seconds(), Workers: 1, Units: 1,
				Do: func(context.Context, int64, time.Time) {},
			}.Run(t.Context(), d, r)
			if c := r.Counts(); c.Offered != int64(n) {
				t.Errorf("%d of %d in %v", c.Offered, n, d)
			}
		}
	})
}

// TestOverloadShows: when the context ends, work that was due and could not begin is an error, and
// work under way is waited for.
func TestOverloadShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder()
		ctx, end := context.WithCancel(t.Context())
		r.Begin()
		time.AfterFunc(10*time.Second+time.Millisecond, func() { r.End(); end() })
		Schedule{Rate: 10, Workers: 1, Units: 1, Do: func(ctx context.Context, i int64, due time.Time) {
			Sleep(ctx, 1500*time.Millisecond)
			r.Done("work", due, 1, ctx.Err())
		}}.Run(ctx, forever, r)
		c := r.Counts()
		if c.Offered != 101 || c.Achieved != 7 || c.Errors["not started"] != 94 || len(c.Errors) != 1 {
			t.Errorf("%+v; want 101 offered in 10 s, 7 done, the last of them after the end, and 94 not started", c)
		}
	})
}

// TestWatchersOfASmallCrowd: they share it.
func TestWatchersOfASmallCrowd(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	c := &Crowd{
		API: NewAPI(&target.Cluster{}), Records: NewRecorder(), IDs: []string{"a", "b", "c"},
		Sign: func(id string) string { return id },
	}
	var running sync.WaitGroup
	defer running.Wait()
	if err := c.Watch(ctx, 10, 100, &running); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; nobody is connected, and the run is over", err)
	}
}

func TestWarmUpDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder()
		early := time.Now()
		r.Offered(early, 1)
		r.Begin()
		r.Done("work", early.Add(-time.Second), 1, nil)
		r.Done("work", early, 1, errors.New("x"))
		time.Sleep(time.Second)
		r.End()
		due := early.Add(500 * time.Millisecond)
		r.Offered(due, 1)
		time.Sleep(time.Second)
		r.Done("work", due, 1, nil) // due in time, answered later
		r.Done("work", time.Now(), 1, nil)
		r.Done("work", due, 1, context.Canceled)
		c := r.Counts()
		if c.Offered != 1 || c.Achieved != 1 || c.Errors["other"] != 1 || c.Errors["no answer by the end"] != 1 ||
			len(c.Errors) != 2 {
			t.Errorf("%+v", c)
		}
	})
}

func TestStatesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"online","b":"offline"}`: "a=online b=offline",
		`{"type":"presence","states":{"participant-000000000007":"idle"},"req":"snapshot"}`: "participant-000000000007=idle",
		`{}`:                  "",
		`{"a":"onl`:           "",
		`{"a":7}`:             "",
		`{"a":"online","b":"`: "a=online",
	} {
		var got []string
		EachState([]byte(text), func(id, state []byte) { got = append(got, string(id)+"="+string(state)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v; want %s", text, got, want)
		}
	}
	if off, unknown := Tally([]byte(`{"offline":"online","b":"offline","c":"unknown"}`)); off != 1 || unknown != 1 {
		t.Errorf("%d offline, %d unknown; want one each", off, unknown)
	}
	if n := Number([]byte(ID("participant", 42))); n != 42 || len(ID("participant", 42)) != 24 {
		t.Errorf("number %d of %s", n, ID("participant", 42))
	}
}

func TestBodies(t *testing.T) {
	ids := []string{"a", "b", "c"}
	const one = `{"participant_id":"a","device_id":"phone","activity":"idle"},{"participant_id":"b","device_id":"phone","activity":"online"},`
	if got := string(mixed(ids, 1)); !strings.HasPrefix(got, `{"heartbeats":[`+one) || !strings.HasSuffix(got, `}]}`) {
		t.Errorf("%s", got)
	}
	if got := string(mixed(ids, 3)); strings.Count(got, "idle") != 3 {
		t.Errorf("%s", got)
	}
	if got := len(Subscribe(make([]string, 2001))); got != 3 {
		t.Errorf("%d messages for 2001 ids; want 3", got)
	}
}

// TestFrames: a frame is read as it was written, in sizes around those where the header grows and
// the buffer ends.
func TestFrames(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 1023, 1024, 1025, 65535, 65536, 100_000} {
		want := bytes.Repeat([]byte("x"), size)
		wire := appendFrame(nil, opText, want)
		wire[1] &^= masked // as a server sends it: without the mask
		at := len(wire) - size - 4
		wire = slices.Concat(wire[:at], wire[at+4:], []byte{opPing, 0})
		r, large := bufio.NewReaderSize(bytes.NewReader(wire), readBuffer), []byte(nil)
		op, got, err := readFrame(r, &large)
		if err != nil || op != opText || !bytes.Equal(got, want) {
			t.Errorf("size %d: op %x, %d bytes, %v", size, op, len(got), err)
		}
		if op, _, err := readFrame(r, &large); op != opPing || err != nil {
			t.Errorf("size %d: then op %x, %v; want the ping behind it", size, op, err)
		}
	}
	huge := []byte{opText, 127, 0, 0, 0, 1, 0, 0, 0, 0}
	if _, _, err := readFrame(bufio.NewReader(bytes.NewReader(huge)), new([]byte)); !errors.Is(err, errFrame) {
		t.Errorf("4 GiB: %v", err)
	}
}

func TestErrorsHaveShortNames(t *testing.T) {
	for want, err := range map[string]error{
		"status 503": StatusError(503), "close 4003": closed(4003), "timeout": context.DeadlineExceeded,
		"not started": ErrNotStarted, "other": errors.New("x"),
		"an answer has more than 16 MiB": fmt.Errorf("body: %w", target.ErrAnswerTooLarge),
		"status 429":                     refusal{StatusError(429), []byte(`{"detail":"each in other words"}`)},
		NotWelcome:                       refusal{errNotWelcome, []byte("{}")},
		Untrusted: fmt.Errorf("dial: %w",
			&tls.CertificateVerificationError{Err: errors.New("x")}),
	} {
		if got := Kind(err); got != want {
			t.Errorf("%v: %q; want %q", err, got, want)
		}
	}
}

func TestRefusalsHaveTheServersWords(t *testing.T) {
	for answer, want := range map[string]string{
		`{"type":"about:blank","status":401,"detail":"no token"}`: "status 401: no token",
		`{"type":"error","code":"x","message":"no token"}`:        "status 401: no token",
		" <h1>It works</h1>\n":                                    `status 401: "<h1>It works</h1>"`,
		"7":                                                       `status 401: "7"`,
	} {
		if got := (refusal{StatusError(401), []byte(answer)}).Error(); got != want {
			t.Errorf("%s: %s; want %s", answer, got, want)
		}
	}
}

func TestProbeKnowsForHowLongAnswersWereNotWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Probe{}
		p.judge(true)
		time.Sleep(time.Second)
		p.judge(false)
		bad := time.Now()
		time.Sleep(2 * time.Second)
		p.judge(true)
		p.judge(true)
		if p.Longest() != 3*time.Second || !p.LastBad().Equal(bad) {
			t.Errorf("longest %v, last bad %v; want 3s, %v", p.Longest(), p.LastBad(), bad)
		}
		if p.Forget(); p.Longest() != 0 || !p.LastBad().IsZero() {
			t.Error("not forgotten")
		}
	})
}
