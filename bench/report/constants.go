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

// The part of testdata/compare-redis.json that a plan is made of, and what says where it was
// measured.
//
//go:embed constants.json
var constantsText []byte

var shipped = sync.OnceValues(func() (*result.Result, error) { return result.Parse(constantsText) })

// Shipped returns constants that were measured once, for whoever has none of their own machine.
func Shipped() (*result.Result, error) { return shipped() }

// Origin says in a line where a result's constants are from.
func Origin(r *result.Result) string {
	return fmt.Sprintf("presence-bench %s on %s, %s, %d cores, commit %s", r.Scenario,
		r.Started.UTC().Format("2 January 2006"),
		printable(r.Machine.CPU), r.Machine.Cores, printable(r.Machine.Commit[:min(12, len(r.Machine.Commit))]))
}

// ErrSmall is of a result of which no plan should be made.
var ErrSmall = errors.New("report: too small a run")

// bound is the least that a setting of a scenario must be for constants that mean something.
type bound struct {
	scenario, setting string
	least             float64 // seconds, of a time
	of                string
}

// Below these, what a process takes by itself, and the hundredths in which the kernel counts time,
// are more than what the load adds: a run with 1,000 participants finds kilobytes for each.
var bounds = []bound{
	{"compare redis", "participants", 100_000, "memory of a participant"},
	{"compare redis", "subscribers", 100, "memory of a socket, and of deliveries"},
	{"compare redis", "rounds", 3, "rates: there is no median"},
	{"compare redis", "each", 1, "rates"},
	{"fanout", "viewers", 1000, "deliveries"},
	{"fanout", "duration", 5, "deliveries"},
}

// BigEnough returns what is too small about a run for a plan to be made of its constants, or nil.
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

// settingOf is a number, or a time in seconds.
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
