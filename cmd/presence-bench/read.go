package main

import (
	"errors"
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

// results reads the result in each of the files.
func results(paths []string) (all []*result.Result, err error) {
	for _, path := range paths {
		r, err := result.Read(path)
		if errors.Is(err, result.ErrVersion) {
			return nil, fmt.Errorf("%w: the file is of another presence-bench, or no result", err)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
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
	all, err := results(c.Files)
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
	both, err := results([]string{c.Before, c.After})
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
	from, err := c.constants()
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

// constants returns the results to take constants from: the one that comes with presence-bench,
// then those of --from, which override it.
func (c *plan) constants() ([]*result.Result, error) {
	shipped, err := report.Shipped()
	if err != nil {
		return nil, err
	}
	own, err := results(c.From)
	if err != nil {
		return nil, err
	}
	for i, r := range own {
		if err := report.BigEnough(r); err != nil {
			return nil, fmt.Errorf("--from=%s: %w\nrun it with its defaults, or leave --from out", c.From[i], err)
		}
	}
	return append([]*result.Result{shipped}, own...), nil
}
