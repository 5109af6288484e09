package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errHelped ends the parsing once help has been printed.
var errHelped = errors.New("help was printed")

// run is the program without its process, and returns the exit status: 2 for bad flags, 1 for a
// failed run.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("presence-bench"), kong.Description(about), kong.Writers(out, errs),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, WrapUpperBound: 110}),
		kong.Help(func(o kong.HelpOptions, k *kong.Context) error {
			return errors.Join(kong.DefaultHelpPrinter(o, k), errHelped)
		}),
		kong.ValueFormatter(describe), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&outside{out, errs}))
	if err != nil {
		panic(err) // cli itself is wrong, whatever the arguments
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	switch {
	case errors.Is(err, errHelped):
		return 0
	case err != nil:
		fmt.Fprintf(errs, "presence-bench: %v\n", err)
		return 2
	}
	if err := k.Run(); err != nil {
		fmt.Fprintf(errs, "presence-bench: %v\n", err)
		return 1
	}
	return 0
}

// describe adds the default of a flag to its help.
func describe(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.HasDefault {
		help += " Default: " + v.Default + "."
	}
	return help
}

// outside is where a command writes to.
type outside struct{ out, err io.Writer }
