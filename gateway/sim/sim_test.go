package sim

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "play this one; 0: as many as -seeds says, from 1")
	seeds      = flag.Int("seeds", 2, "how many")
	turns      = flag.Int("turns", 1, "with how many nodes in their turn each short script is played; 3: with all")
	lasting    = flag.Duration("lasting", 0, "play on, seed after seed, for so long in real time")
	onlyFaults = flag.String("faults", "", "of these alone, with commas between them; empty: as each test has them")
	length     = flag.Duration("length", 15*time.Minute, "virtual time of a script")
	shorten    = flag.Bool("shorten", false, "leave steps out of a script that breaks something, as many as possible")
	verbose    = flag.Bool("story", false, "tell the story, with what nodes log, also if nothing is broken")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var everybody = []string{"ada", "ben", "cleo", "dan", "eve", "finn", "gus", "model:bot"}

// outcome is what came of a script.
type outcome struct {
	violation, story, log string
	counts                counts
}

// run plays a script in a new world.
func run(t *testing.T, seed uint64, nodes int, script []step) (o outcome) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		w := newWorld(seed, nodes, everybody,
			slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelInfo})))
		w.furnish(t, script)
		w.bootAll()
		w.running.Go(w.watchQueries)
		w.open("stranger", "", "10.4.0.1")
		w.enter(&session{place: "events", stream: true, watches: w.ids[:3]}, "10.4.0.2") // few, as with a device
		w.enter(&session{id: w.ids[0], place: "events", stream: true, watches: w.ids[3:5]}, "10.4.0.3")
		ctx, cancel := context.WithCancel(w.ctx)
		w.running.Go(func() { w.namesakes(ctx, seed) })
		w.play(script)
		cancel()
		w.quiet()
		w.end()
		// what has a time limit of its own, as a probe of gossip's, ends by that; anything else is
		// a leak
		time.Sleep(time.Minute)
		synctest.Wait() // also for who logs as this minute ends
		o = outcome{w.violation, w.report(lines()), logged.String(), w.counts}
	})
	return o
}

// planOf makes worlds differ: in how many nodes there are, and how soon one fault follows another.
func planOf(seed uint64) (nodes int, p plan) {
	p = plan{
		length: *length, pause: time.Second,
		faults: []string{"kill", "vanish", "drain", "pause", "cut", "cut", "visit", "slow"}, every: 100 * time.Second,
		remarked: true,
	}
	if seed%2 == 0 {
		p.every = 35 * time.Second
	}
	return 3 + int(seed/2%2), p
}

func TestWorld(t *testing.T) { playAll(t, planOf) }

// playAll plays as many scripts as the flags say, one after the other: how long it may go on may be
// one of them.
func playAll(t *testing.T, planOf func(seed uint64) (nodes int, p plan)) {
	t.Parallel()
	first, last := uint64(1), uint64(*seeds)
	if *seedFlag != 0 {
		first, last = *seedFlag, *seedFlag
	}
	began := time.Now()
	for seed := first; seed <= last || time.Since(began) < *lasting; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			nodes, p := planOf(seed)
			if *onlyFaults != "" {
				p.faults = strings.Split(*onlyFaults, ",")
			}
			script := p.write(seed, nodes, everybody)
			start := time.Now()
			o := run(t, seed, nodes, script)
			t.Logf("%v virtual in %v: %+v", *length, time.Since(start).Round(time.Millisecond), o.counts)
			if *verbose {
				t.Logf("%s\n%s", o.story, o.log)
			}
			if o.violation != "" {
				t.Errorf("seed %d: %s\n%s", seed, o.violation, o.story)
				if *shorten {
					shortest, o := shrink(t, seed, nodes, script, o)
					t.Fatalf("of %d steps %d are enough for: %s\n%s", len(script), len(shortest), o.violation, o.story)
				}
				t.FailNow()
			}
		})
	}
}

// lines is how much of a story is told.
func lines() int {
	if *verbose {
		return 1 << 20
	}
	return 80
}
