package redis

import (
	"cmp"
	"fmt"
	"time"
)

// Options are the flags of `presence-bench compare redis`.
type Options struct {
	Redis        string        `name:"redis" placeholder:"HOST:PORT" help:"An empty Redis that runs on loopback, instead of a redis-server started here."`
	Presence     string        `name:"presence" placeholder:"PATH" help:"The server's binary. By default it is built from the module this runs in."`
	Participants int           `default:"1000000" help:"Participants on each side (1,000 to 10,000,000)."`
	Rounds       int           `default:"5" help:"How often each kind of work is measured on each side; the median counts."`
	Each         time.Duration `default:"3s" help:"How long one measurement lasts."`
	Subscribers  int           `default:"1000" help:"Viewers or subscribers who are told of a change (1 to 10,000)."`
	Expiring     int           `default:"20000" help:"Participants who vanish while the others beat (1 to 1,000,000); 0 leaves lateness out."`
	Window       time.Duration `default:"30s" help:"The time over which the expiring participants vanish."`
	Interval     time.Duration `default:"10s" help:"Between two heartbeats of the others; the deadline is two and a half times this."`
	Wait         time.Duration `default:"90s" help:"How long an offline event is waited for after its deadline."`
}

// Check returns an error that names the first flag that is out of bounds.
func (o *Options) Check() error {
	return cmp.Or(
		within("participants", o.Participants, 1000, 10_000_000),
		within("rounds", o.Rounds, 1, 100),
		within("each", o.Each, 100*time.Millisecond, time.Minute),
		within("subscribers", o.Subscribers, 1, 10_000),
		within("expiring", o.Expiring, 0, 1_000_000),
		within("window", o.Window, 100*time.Millisecond, 10*time.Minute),
		within("interval", o.Interval, time.Second, 5*time.Minute),
		within("wait", o.Wait, time.Second, 10*time.Minute),
	)
}

// within returns an error unless the value of a flag is in bounds.
func within[T cmp.Ordered](flag string, is, low, high T) error {
	if is < low || is > high {
		return fmt.Errorf("--%s is %v; it must be %v to %v", flag, is, low, high)
	}
	return nil
}

// grace is half an interval: the deadline is two and a half.
func (o *Options) grace() time.Duration { return o.Interval / 2 }

func (o *Options) deadline() time.Duration { return 2*o.Interval + o.grace() }

func (o *Options) settings() map[string]string {
	return map[string]string{
		"participants": fmt.Sprint(o.Participants), "rounds": fmt.Sprint(o.Rounds), "each": o.Each.String(),
		"subscribers": fmt.Sprint(o.Subscribers), "expiring": fmt.Sprint(o.Expiring), "window": o.Window.String(),
		"interval": o.Interval.String(), "wait": o.Wait.String(), "redis": o.Redis,
	}
}
