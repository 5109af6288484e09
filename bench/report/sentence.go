package report

import (
	"fmt"
	"strings"

	"github.com/scaiwave/presence/bench/result"
)

// Sentence returns a sentence about how a run ended: whether it reached its targets, how many
// requests failed, and whether there are notes to read before the figures.
func Sentence(r *result.Result) string {
	said := targetsOf(r)
	if failed := failures(r); failed > 0 {
		said += fmt.Sprintf(", and %s of %s requests failed", digits(float64(failed)),
			digits(float64(r.Counts.Offered)))
	}
	if n := len(r.Notes); n > 0 {
		said += "; read the notes first"
	}
	return said + "."
}

func targetsOf(r *result.Result) string {
	var missed []string
	all := 0
	for _, f := range r.Figures {
		if f.Target == nil {
			continue
		}
		if all++; !f.Target.Met(f.Value) {
			missed = append(missed, fmt.Sprintf("%s is %s and should be %s %s", printable(f.Name),
				quantity(f.Value, f.Unit), signs[f.Target.Op], quantity(f.Target.Value, f.Unit)))
		}
	}
	switch {
	case all == 0:
		return "Measured; nothing here has a target"
	case len(missed) == 0 && all == 1:
		return "As it should be: the one target was reached"
	case len(missed) == 0:
		return fmt.Sprintf("As it should be: all %d targets were reached", all)
	}
	return fmt.Sprintf("Not as it should be, %d of %d targets missed: %s", len(missed), all, strings.Join(missed, ", "))
}

func failures(r *result.Result) (n int64) {
	for _, count := range r.Counts.Errors {
		n += count
	}
	return n
}
