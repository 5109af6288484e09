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
