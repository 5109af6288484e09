package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scaiwave/presence/bench/result"
)

// run is one result as the page shows it.
type run struct {
	*result.Result
	ID       string
	When     string
	Lasted   string
	Says     string // what the scenario is, in a sentence
	Verdict  string
	Faults   []moment
	Warnings []string
	Figures  []figure
	Targets  struct{ Met, All int }
	Groups   []group
	Growth   *growth
	Latency  *chart
	Rows     []latencyRow
	Times    []*chart
	Memory   []bar
	Used     []usage
	Counted  []pair
	Settings []pair
}

// figure is a row of the table of figures.
type figure struct {
	Name, Value, Exact string
	Better             string
	Runs               string
	Target             string
	Missed             bool
	Comment            string
}

type latencyRow struct {
	Name, Count, P50, P90, P99, P999, Max string
	Intended                              bool
}

// moment is what was done to the servers, and when, as the plots count time.
type moment struct{ What, At string }

type usage struct{ Name, Kind, CPU, Peak, End string }

type pair struct {
	Name, Value string
	Bad         bool
}

var says = map[string]string{
	"steady":        "A crowd that is simply there: heartbeats at the interval, now and then a participant goes idle.",
	"herd":          "All connect at once; all connections are lost, and all come back.",
	"rush":          "All connect at once and leave, again and again. Others ask meanwhile.",
	"fanout":        "Viewers with contact lists log on in the morning, and then go idle and come back.",
	"query":         "Backends ask for many ids at a time.",
	"churn":         "Short visits; afterwards the memory should be back where it was.",
	"expiry":        "How late is a participant shown offline who left without a word?",
	"failover":      "A node is killed. Are participants shown offline who are not?",
	"rolling":       "All nodes are restarted one by one, as at a deploy.",
	"capacity":      "More and more load, until the service level breaks.",
	"engine":        "The shard alone, in this process: millions of participants, no network.",
	"link":          "The link between two nodes at saturation.",
	"scale":         "Clusters of several sizes: what grows with the number of nodes?",
	"sockets":       "Many sockets on each of several nodes: their memory, and what a plan says of it.",
	"compare redis": "The same presence on Redis, as its users write it, side by side in one run.",

	"compare centrifugo": "The same sockets, deliveries and questions on Centrifugo, side by side in one run.",
}

func newRun(n int, r *result.Result) (*run, error) {
	s := &run{
		Result: r, ID: "run-" + digits(float64(n)), When: r.Started.UTC().Format("2 January 2006, 15:04 UTC"),
		Lasted: lasted(r), Says: says[r.Scenario], Verdict: Sentence(r), Warnings: r.Notes,
		Groups: compared(r.Compared), Times: timeCharts(r), Memory: memory(r.Figures), Counted: counted(r.Counts),
		Growth: growthOf(r.Figures),
	}
	for _, f := range r.Figures {
		s.addFigure(f)
	}
	for _, f := range r.Faults {
		s.Faults = append(s.Faults, moment{f.What, fmt.Sprintf("%.1f s", f.At-windowOf(r).zero)})
	}
	for _, l := range r.Latencies {
		s.addLatency(l)
	}
	for _, p := range r.Processes {
		s.Used = append(s.Used, usage{
			p.Name, p.Kind, duration(p.CPU), memorySize(float64(p.RSSPeak)),
			memorySize(float64(p.RSSEnd)),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		s.Settings = append(s.Settings, pair{Name: name, Value: r.Settings[name]})
	}
	var err error
	s.Latency, err = latencyChart(r.Latencies)
	return s, err
}

func (s *run) addLatency(l result.Latency) {
	ms := func(v float64) string { return quantity(v, l.Unit) }
	s.Rows = append(s.Rows, latencyRow{
		l.Name, digits(float64(l.Count)), ms(l.P50), ms(l.P90), ms(l.P99), ms(l.P999), ms(l.Max), l.Intended,
	})
}

func (s *run) addFigure(f result.Figure) {
	shown := figure{
		Name: f.Name, Value: quantity(f.Value, f.Unit), Exact: exact(f), Better: string(f.Better), Runs: runsOf(f),
		Comment: f.Comment,
	}
	if f.Target != nil {
		shown.Target = signs[f.Target.Op] + " " + quantity(f.Target.Value, f.Unit)
		shown.Missed = !f.Target.Met(f.Value)
		s.Targets.All++
		if !shown.Missed {
			s.Targets.Met++
		}
	}
	s.Figures = append(s.Figures, shown)
}

var signs = map[string]string{"<": "under", "<=": "at most", ">=": "at least", ">": "over"}

// exact is the figure as it is in the file.
func exact(f result.Figure) string { return strings.TrimSpace(full(f.Value) + " " + f.Unit) }

// runsOf is the least and the largest value of the rounds, in words.
func runsOf(f result.Figure) string {
	if len(f.Runs) < 2 {
		return ""
	}
	return quantity(slices.Min(f.Runs), f.Unit) + " to " + quantity(slices.Max(f.Runs), f.Unit)
}

// counted are the rows of the table of counts. Errors and false offline are bad.
func counted(c result.Counts) []pair {
	number := func(n int64) string { return digits(float64(n)) }
	all := []pair{
		{"offered", number(c.Offered), false},
		{"achieved", number(c.Achieved), false},
		{"shown offline without being so", number(c.FalseOffline), c.FalseOffline > 0},
		{"unknown", number(c.Unknown), false},
	}
	for _, name := range slices.Sorted(maps.Keys(c.Errors)) {
		all = append(all, pair{"error: " + name, number(c.Errors[name]), c.Errors[name] > 0})
	}
	for _, name := range slices.Sorted(maps.Keys(c.More)) {
		all = append(all, pair{name, number(c.More[name]), false})
	}
	return all
}

// beside is a table of the runs of one scenario, a column each.
type beside struct {
	Scenario string
	Columns  []string
	Rows     []besideRow
}

type besideRow struct {
	Name   string
	Values []string
}

// sideBySide returns a table of each scenario that was run more than once.
func sideBySide(all []*result.Result) (tables []beside) {
	by := make(map[string][]*result.Result)
	var order []string
	for _, r := range all {
		if by[r.Scenario] == nil {
			order = append(order, r.Scenario)
		}
		by[r.Scenario] = append(by[r.Scenario], r)
	}
	for _, scenario := range order {
		if len(by[scenario]) > 1 {
			tables = append(tables, columns(scenario, by[scenario]))
		}
	}
	return tables
}

func columns(scenario string, runs []*result.Result) beside {
	b := beside{Scenario: scenario}
	var names []string
	for _, r := range runs {
		b.Columns = append(b.Columns, r.Started.UTC().Format("2 Jan, 15:04:05"))
		for _, f := range r.Figures {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	for _, name := range names {
		row := besideRow{Name: name}
		for _, r := range runs {
			value := "–"
			if f, ok := r.Find(name); ok {
				value = quantity(f.Value, f.Unit)
			}
			row.Values = append(row.Values, value)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}
