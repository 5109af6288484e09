package abuse

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
)

// table is what the attacks did, in the order in which they were made.
type table struct {
	mu   sync.Mutex
	rows []row
}

type row struct{ attack, measured, reach, ok string }

var rows table

// add makes a row of several figures, and fails the test if one of them isn't reached.
func (b *table) add(t *testing.T, attack string, figures ...figure) {
	t.Helper()
	r := row{attack: attack, ok: "ok"}
	var measured, reach []string
	for _, f := range figures {
		measured = append(measured, f.measured)
		if f.reach != "" {
			reach = append(reach, f.reach)
		}
		if f.missed {
			r.ok = "NO"
			t.Errorf("%s: %s; to reach: %s", attack, f.measured, f.reach)
		}
	}
	r.measured, r.reach = strings.Join(measured, ", "), strings.Join(reach, ", ")
	b.put(t, r)
}

func (b *table) put(t *testing.T, r row) {
	t.Helper()
	t.Logf("%s | %s | %s | %s", r.attack, r.measured, r.reach, r.ok)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, r)
}

func (b *table) print(w io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\nATTACK\tMEASURED\tTO REACH\tOK")
	for _, r := range b.rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.attack, r.measured, r.reach, r.ok)
	}
	_ = tw.Flush()
}

// figure is one thing that was measured. Without a reach it is only told.
type figure struct {
	measured, reach string
	missed          bool
}

func told(format string, args ...any) figure { return figure{measured: fmt.Sprintf(format, args...)} }

func held(ok bool, reach, format string, args ...any) figure {
	return figure{measured: fmt.Sprintf(format, args...), reach: reach, missed: !ok}
}

// timed is held in the full size, on a machine that does nothing else, and told in the small one,
// which runs beside other tests.
func timed(ok bool, reach, format string, args ...any) figure {
	if !full() {
		return told(format, args...)
	}
	return held(ok, reach, format, args...)
}
