package main

import (
	"fmt"
	"io"

	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
)

// readers are the commands that read results.
type readers struct {
	Compare compare `cmd:"" help:"Compare with others."`
	Report  pageOf  `cmd:"" help:"One HTML page about one or several results: tables, plots, light and dark; it loads nothing."`
	Diff    diff    `cmd:"" help:"What is better and what is worse in the second result; status 1 if something is worse."`
	Plan    plan    `cmd:"" help:"Nodes, memory, CPU and network of a deployment, from what was measured, and its first bottleneck."`
}

type pageOf struct {
	Files []string `arg:"" placeholder:"FILE.json" help:"Results, in the order of the page."`
	Out   string   `short:"o" placeholder:"FILE" help:"Where to write the page; by default bench-results/report.html."`
}

// Run is called by kong.
func (c *pageOf) Run(o *outside) error {
	path, err := placeOf(c.Out, "report.html")
	if err != nil {
		return err
	}
	if err := writable(path, c.Files...); err != nil {
		return err
	}
	all, err := result.ReadAll(c.Files)
	if err != nil {
		return err
	}
	if err := result.WriteFile(path, func(w io.Writer) error { return report.Page(w, all) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "written to %s\n", path)
	return err
}

type diff struct {
	Before    string  `arg:"" placeholder:"A.json"`
	After     string  `arg:"" placeholder:"B.json"`
	Tolerance float64 `default:"0.1" help:"The part by which a figure may change and still be the same (0 to 10)."`
}

// Validate is called by kong.
func (c *diff) Validate() error {
	if !(c.Tolerance >= 0 && c.Tolerance <= 10) {
		return fmt.Errorf("--tolerance is %v; it must be 0 to 10, where 0.1 is a tenth", c.Tolerance)
	}
	return nil
}

// Run is called by kong.
func (c *diff) Run(o *outside) error {
	both, err := result.ReadAll([]string{c.Before, c.After})
	if err != nil {
		return err
	}
	d := report.Diff(both[0], both[1], c.Tolerance)
	if _, err := d.WriteTo(o.out); err != nil {
		return err
	}
	if n := d.Regressions(); n > 0 {
		return fmt.Errorf("%d figures are worse by more than --tolerance=%v, or missing", n, c.Tolerance)
	}
	return nil
}

type plan struct {
	From []string    `placeholder:"FILE.json" help:"A result of presence-bench compare redis or fanout, for the constants of your own machine. May be repeated; the last one that has a constant counts. Constants that none has are as measured on the machine that the output names."`
	Wish report.Wish `embed:""`
}

// Validate is called by kong.
func (c *plan) Validate() error { return c.Wish.Check() }

// Run is called by kong.
func (c *plan) Run(o *outside) error {
	from, err := report.Constants(c.From)
	if err != nil {
		return err
	}
	p, err := report.Plan(c.Wish, from)
	if err != nil {
		return err
	}
	for _, r := range from {
		fmt.Fprintf(o.out, "constants: %s\n", report.Origin(r))
	}
	fmt.Fprintln(o.out)
	_, err = p.WriteTo(o.out)
	return err
}
