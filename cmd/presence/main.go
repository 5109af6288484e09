package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	// The first signal ends the context. It also gives the signals their default effect back, so that a second one ends
	// the process at once, whatever is still waiting.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr, os.LookupEnv}))
}

// run picks a command, runs it and says how the process should exit.
func run(ctx context.Context, args []string, t terminal) int {
	chosen, err := parse(args, t)
	switch {
	case errors.Is(err, errHelped):
		return exitOK
	case err != nil:
		fmt.Fprintf(t.err, "presence: %v\n", err)
		return exitUsage
	}
	chosen.BindTo(ctx, (*context.Context)(nil))
	if err := chosen.Run(t); err != nil {
		fmt.Fprintf(t.err, "presence: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// parse turns arguments, environment and file into a command that is ready to run.
func parse(args []string, t terminal) (*kong.Context, error) {
	parser, err := kong.New(&cli{}, options(t)...)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	return parser.Parse(args)
}
