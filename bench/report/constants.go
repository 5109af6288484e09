package report

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// The part of testdata/compare-redis.json that a plan is made of: constants, and where they were
// measured.
//
//go:embed constants.json
var constantsText []byte

// shipped are constants that were measured once, for a plan without those of its own machine.
var shipped = sync.OnceValues(func() (*result.Result, error) { return result.Parse(constantsText) })

// Constants returns the results to take constants from: the shipped one, then those in files, which
// override it.
func Constants(files []string) ([]*result.Result, error) {
	once, err := shipped()
	if err != nil {
		return nil, err
	}
	own, err := result.ReadAll(files)
	if err != nil {
		return nil, err
	}
	for i, r := range own {
		if err := BigEnough(r); err != nil {
			return nil, fmt.Errorf("--from=%s: %w\nrun it with its defaults, or leave --from out", files[i], err)
		}
	}
	return append([]*result.Result{once}, own...), nil
}

// Origin returns a line about where the constants of a result are from.
func Origin(r *result.Result) string {
	m := r.Machine
	return fmt.Sprintf("presence-bench %s on %s, %s, %d cores, commit %s", r.Scenario,
		r.Started.UTC().Format("2 January 2006"), printable(m.CPU), m.Cores,
		printable(m.Commit[:min(12, len(m.Commit))]))
}

// ErrSmall means that no plan should be made of a result.
var ErrSmall = errors.New("report: too small a run")

// bound is the least that a setting of a scenario must be, or constants mean nothing.
type bound struct {
	scenario, setting string
	least             float64 // seconds, of a time
	of                string
}

// Below these, the load adds less than what a process takes by itself, or than the hundredths of a
// second in which the kernel counts. A run with 1,000 participants finds kilobytes for each.
var bounds = []bound{
	{"compare redis", "participants", 100_000, "memory of a participant"},
	{"compare redis", "subscribers", 100, "memory of a socket, and of deliveries"},
	{"compare redis", "rounds", 3, "rates: there is no median"},
	{"compare redis", "each", 1, "rates"},
	{"fanout", "viewers", 1000, "deliveries"},
	{"fanout", "duration", 5, "deliveries"},
}

// BigEnough returns nil, or what is too small about a run for a plan of its constants.
func BigEnough(r *result.Result) error {
	var wrong []error
	for _, b := range bounds {
		text, given := r.Settings[b.setting]
		if b.scenario != r.Scenario || !given || !hasConstants(r) {
			continue
		}
		if v, err := settingOf(text); err != nil || v < b.least {
			wrong = append(wrong, fmt.Errorf("%w: --%s=%s is no measure for the %s; it must be at least %s", ErrSmall,
				b.setting, printable(text), b.of, b.text()))
		}
	}
	return errors.Join(wrong...)
}

func hasConstants(r *result.Result) bool {
	for _, f := range r.Figures {
		if strings.HasPrefix(f.Name, constantPrefix) {
			return true
		}
	}
	return false
}

// settingOf is a setting as a number; a time is in seconds.
func settingOf(text string) (float64, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d.Seconds(), nil
	}
	return strconv.ParseFloat(text, 64)
}

func (b bound) text() string {
	if b.setting == "each" || b.setting == "duration" {
		return time.Duration(b.least * float64(time.Second)).String()
	}
	return strconv.FormatFloat(b.least, 'f', -1, 64)
}
