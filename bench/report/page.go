package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"

	"github.com/scaiwave/presence/bench/result"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

var page = template.Must(template.New("page").Parse(pageText))

// ErrNothing means that a page would have no result.
var ErrNothing = errors.New("report: no result file is named")

// document is what the template shows.
type document struct {
	Style  template.CSS // styleText, which is safe
	Title  string
	Runs   []*run
	Beside []beside
}

// Page writes one self-contained HTML page about all results, in the given order.
func Page(w io.Writer, all []*result.Result) error {
	if len(all) == 0 {
		return ErrNothing
	}
	d := document{Style: template.CSS(styleText), Title: "Presence, measured"}
	for i, r := range all {
		shown, err := newRun(i+1, r)
		if err != nil {
			return fmt.Errorf("report: %q: %w", r.Scenario, err)
		}
		d.Runs = append(d.Runs, shown)
	}
	d.Beside = sideBySide(all)
	return page.Execute(w, &d)
}
