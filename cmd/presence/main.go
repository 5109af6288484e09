package main

import (
	"context"
	"errors"
	"log/slog"
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
	ctx, cancel := context.WithCancel(context.Background())
	go watchSignals(cancel)
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr, os.LookupEnv}))
}

// watchSignals asks the command to end at the first signal, and ends the process at the second,
// whatever is still waiting. It runs as long as the process.
func watchSignals(end context.CancelFunc) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	end()
	<-signals
	slog.Warn("a second signal: exiting at once")
	os.Exit(exitFailure)
}

// run picks a command, runs it and says how the process should exit.
func run(ctx context.Context, args []string, t terminal) int {
	given := &settings{env: t.env}
	chosen, err := parse(args, t, given)
	switch {
	case errors.Is(err, errHelped):
		return exitOK
	case err != nil:
		complain(t, given, args, err)
		return exitUsage
	}
	chosen.BindTo(ctx, (*context.Context)(nil))
	if err := chosen.Run(t); err != nil {
		complain(t, given, args, err)
		return exitFailure
	}
	return exitOK
}

// parse turns arguments, environment and file into a command that is ready to run.
func parse(args []string, t terminal, given *settings) (*kong.Context, error) {
	parser, err := kong.New(&cli{}, options(t, given)...)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	return parser.Parse(args)
}
