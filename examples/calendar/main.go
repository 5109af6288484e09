// Command calendar shows people as busy while their calendars say so: a job to run beside Presence.
// docs/calendar.md tells how to start it.
//
//	feeds ── GET, every 5 min ──▶ package busy ─▶ blocks ─▶ plan ── PUT, DELETE ──▶ presence
//	                                                         ▲            │
//	                                                         └────────────┘
//	                             wakes at the next start, end or renewal
//
// A claim is a lease. It ends with the event, but at most -hold from now, and is renewed while the
// event goes on. So a job that has died leaves nobody busy, and one that is started anew drops what
// the calendar doesn't say any more.
//
// It never says what an event is about: that isn't even read.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "calendar:", err)
		os.Exit(1)
	}
}

// run keeps everybody's claims until ctx ends. What is claimed then ends by itself.
func run(ctx context.Context, args []string, log io.Writer) error {
	s, file, err := parse(args, log)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	people, err := parsePeople(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() { newKeeper(s, p).run(ctx) })
	}
	all.Wait()
	return nil
}
