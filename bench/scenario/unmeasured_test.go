package scenario

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// quiet shows no phases.
type quiet struct{}

func (quiet) Phase(string, time.Duration) {}

// bare is a run without servers, in which the counting has begun.
func bare(t *testing.T) *Run {
	t.Helper()
	r := &Run{
		endLoad: func() {}, Records: load.NewRecorder(), Meter: target.NewMeter(time.Now()),
		measured: time.Second, cores: 1, started: time.Now(), progress: quiet{},
	}
	t.Cleanup(func() { r.Meter.Close() })
	r.Records.Begin()
	return r
}

func find(r *Run, name string) *result.Figure {
	for i, f := range r.result.Figures {
		if f.Name == name {
			return &r.result.Figures[i]
		}
	}
	return nil
}

func TestWhatDidNotRunHasNoFigure(t *testing.T) {
	r := bare(t)
	(&Herd{Within: 30 * time.Second}).figures(r, awaited{}, awaited{})
	for _, name := range []string{
		"all connected after", "all back after", "query p99, all connect, to idle",
		"query p99, all come back, to idle",
	} {
		if f := find(r, name); f != nil {
			t.Errorf("%+v of a run that was ended before", f)
		}
	}
	if notes := strings.Join(r.result.Notes, "\n"); !strings.Contains(notes, "all back after: not measured") ||
		strings.Count(notes, queryIdle) != 1 || !strings.Contains(notes, queryBack) {
		t.Errorf("notes: %s; want what is missing, once each", notes)
	}
}

func TestWaitingInVainMissesTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t)
		s := &Herd{Herd: 1, Within: 5 * time.Second}
		a := await(t.Context(), []*load.Visitor{{}}, time.Now(), s.Within)
		s.arrival(r, "all back after", a)
		f := find(r, "all back after")
		if f == nil || f.Value != 5 || f.Target.Met(f.Value) || !strings.Contains(f.Comment, "1 of 1 were missing") {
			t.Errorf("%+v; want five seconds, which miss the target", f)
		}
		s.arrival(r, "in time", awaited{known: true, took: 4 * time.Second})
		if f := find(r, "in time"); f == nil || !f.Target.Met(f.Value) {
			t.Errorf("%+v; want the target met", f)
		}
	})
}

func TestAWaitThatWasCutShortIsNotKnown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, herd := range [][]*load.Visitor{nil, {{}}} {
		if a := await(ctx, herd, time.Now(), time.Minute); a.known {
			t.Errorf("%+v of a run that was ended", a)
		}
	}
}
