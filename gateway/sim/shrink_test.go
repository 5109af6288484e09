package sim

import (
	"slices"
	"testing"
	"time"
)

// shrinkTime is how long a script that breaks something is tried to be shortened.
const shrinkTime = 2 * time.Minute

// shrink leaves steps out, first many at a time, for as long as something is still broken: delta
// debugging (A. Zeller, R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
func shrink(t *testing.T, seed uint64, nodes int, script []step, broken outcome) ([]step, outcome) {
	began := time.Now()
	for size := len(script) / 2; size > 0 && time.Since(began) < shrinkTime; {
		shorter := false
		for at := 0; at < len(script) && time.Since(began) < shrinkTime; {
			rest := slices.Delete(slices.Clone(script), at, min(at+size, len(script)))
			if o := run(t, seed, nodes, rest); o.violation != "" {
				script, broken, shorter = rest, o, true
			} else {
				at += size
			}
		}
		if !shorter || size > len(script)/2 {
			size /= 2
		}
	}
	return script, broken
}
