package contest

import (
	"cmp"
	"fmt"
	"time"
)

// Options are the flags that every comparison has.
type Options struct {
	Presence    string        `name:"presence" placeholder:"PATH" help:"The server's binary. By default it is built from the module this runs in."`
	Rounds      int           `default:"5" help:"How often each kind of work is measured on each side; the median counts."`
	Each        time.Duration `default:"3s" help:"How long one measurement lasts."`
	Subscribers int           `default:"1000" help:"Viewers or subscribers who are told of a change (1 to 9,000)."`
}

// Check returns an error that names the first flag that is out of bounds.
func (o *Options) Check() error {
	return cmp.Or(
		Within("rounds", o.Rounds, 1, 100),
		Within("each", o.Each, 100*time.Millisecond, time.Minute),
		Within("subscribers", o.Subscribers, 1, 9_000),
	)
}

// Settings are what a result keeps of them, with settings of the comparison's own.
func (o *Options) Settings(own map[string]string) map[string]string {
	own["rounds"], own["each"], own["subscribers"] = fmt.Sprint(o.Rounds), o.Each.String(), fmt.Sprint(o.Subscribers)
	return own
}

// Within returns an error unless the value of a flag is in bounds.
func Within[T cmp.Ordered](flag string, is, low, high T) error {
	if is < low || is > high {
		return fmt.Errorf("--%s is %v; it must be %v to %v", flag, is, low, high)
	}
	return nil
}
