package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/scenario"
)

// runnable is a scenario whose flags can be wrong together.
type runnable[S any] interface {
	*S
	scenario.Scenario
	Validate() error
}

// command is the subcommand of a scenario: its flags, and where the result goes.
type command[S any, P runnable[S]] struct {
	Scenario S      `embed:""`
	Out      string `short:"o" placeholder:"FILE" help:"Where to write the result; by default bench-results/ and the scenario's name with .json."`
}

// Validate is called by kong.
func (c *command[S, P]) Validate() error { return P(&c.Scenario).Validate() }

// Run is called by kong.
func (c *command[S, P]) Run(ctx context.Context, k *kong.Context, o *outside) error {
	s := P(&c.Scenario)
	path, err := placeOf(c.Out, s.Name()+".json")
	if err != nil {
		return err
	}
	if err := writable(path, inputs(k)...); err != nil {
		return err
	}
	p := newProgress(o.err)
	r, err := scenario.Execute(ctx, s, settings(k), p)
	p.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(), err)
	}
	if err := result.Write(path, r); err != nil {
		return err
	}
	return show(o, r, path)
}

// settings are the flags of the command that was given, with their values as on the command line.
// Tokens and keys are no settings.
func settings(k *kong.Context) map[string]string {
	all := make(map[string]string)
	for _, f := range k.Selected().Flags {
		if !slices.Contains([]string{"help", "out", "token", "key-file"}, f.Name) {
			all[f.Name] = fmt.Sprint(k.FlagValue(f))
		}
	}
	return all
}

// inputs are the files that the flags of the command name, and that it reads.
func inputs(k *kong.Context) (paths []string) {
	for _, f := range k.Selected().Flags {
		if slices.Contains([]string{"ca-file", "key-file", "presence", "from"}, f.Name) {
			paths = append(paths, fmt.Sprint(k.FlagValue(f)))
		}
	}
	return paths
}

// show prints the verdict and the figures of a run.
func show(o *outside, r *result.Result, path string) error {
	fmt.Fprintln(o.out, report.Sentence(r))
	w := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	for _, f := range r.Figures {
		fmt.Fprintf(w, "%s\t%s %s\t%s\n", f.Name, number(f.Value), f.Unit, verdict(f))
	}
	for _, l := range r.Latencies {
		fmt.Fprintf(w, "%s\tp50 %s, p99 %s, max %s ms\t%d\n", l.Name, number(l.P50), number(l.P99), number(l.Max),
			l.Count)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Counts.Errors)) {
		fmt.Fprintf(w, "errors: %s\t%d\t\n", kind, r.Counts.Errors[kind])
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	fmt.Fprintf(w, "written to %s\n", path)
	return w.Flush()
}

func number(v float64) string {
	switch {
	case v == float64(int64(v)), v >= 1000:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}

func verdict(f result.Figure) string {
	switch {
	case f.Target == nil:
		return ""
	case f.Target.Met(f.Value):
		return "as it should be"
	default:
		return fmt.Sprintf("MISSED: should be %s %s", f.Target.Op, number(f.Target.Value))
	}
}
