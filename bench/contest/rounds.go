package contest

import (
	"context"
	"fmt"

	"github.com/scaiwave/presence/bench/result"
)

// Work is one thing that both sides do, in rounds. Its functions return how much was done.
type Work struct {
	Name   string
	Ours   func(ctx context.Context) (int64, error)
	Theirs []Variant // the best of a round counts
	Target *result.Target

	Runs [][2]float64 // ours and theirs, round by round
}

// Variant is one way to do a work on the rival.
type Variant struct {
	Name string
	Do   func(ctx context.Context) (int64, error)
}

// Median is the median of Presence's rounds.
func (w *Work) Median() float64 {
	var all []float64
	for _, x := range w.Runs {
		all = append(all, x[0])
	}
	return result.Median(all)
}

// Pair are the processes of the two servers.
type Pair struct{ Ours, Theirs int }

// Alternate measures each work on both sides in turn, several times, and compares the medians.
func (r *Run) Alternate(ctx context.Context, pids Pair, works ...*Work) error {
	for round := range r.Rounds {
		for _, w := range works {
			if err := r.round(ctx, pids, w, round); err != nil {
				return fmt.Errorf("%s: %w", w.Name, err)
			}
		}
	}
	for _, w := range works {
		r.Compare(w.Name, "1/s", result.Higher, "public", w.Runs, w.Target)
	}
	return nil
}

func (r *Run) round(ctx context.Context, pids Pair, w *Work, n int) error {
	defer r.Phase(fmt.Sprintf("%s, round %d", w.Name, n+1), false, r.Each)()
	ours, err := Measure(ctx, pids.Ours, w.Ours)
	if err != nil {
		return err
	}
	r.Doubt("presence", w.Name, ours)
	var best Measured
	for _, v := range w.Theirs {
		m, err := Measure(ctx, pids.Theirs, v.Do)
		if err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		if m.PerCPUSecond > best.PerCPUSecond {
			best = m
		}
	}
	r.Doubt(r.Kind, w.Name, best)
	w.Runs = append(w.Runs, [2]float64{ours.PerCPUSecond, best.PerCPUSecond})
	return nil
}
