package redis

import (
	"cmp"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/contest"
)

// Options are the flags of `presence-bench compare redis`.
type Options struct {
	contest.Options `embed:""`

	Redis        string        `name:"redis" placeholder:"HOST:PORT" help:"A Redis or Valkey that runs on loopback and holds no keys, instead of a redis-server started here."`
	Participants int           `default:"1000000" help:"Participants on each side (1,000 to 10,000,000)."`
	Expiring     int           `default:"20000" help:"Participants who vanish while the others beat (1 to 1,000,000); 0 leaves lateness out."`
	Window       time.Duration `default:"30s" help:"The time over which the expiring participants vanish."`
	Interval     time.Duration `default:"10s" help:"Between two heartbeats of the others; the deadline is two and a half times this."`
	Wait         time.Duration `default:"90s" help:"How long an offline event is waited for after its deadline."`
}

// Check returns an error that names the first flag that is out of bounds.
func (o *Options) Check() error {
	return cmp.Or(
		o.Options.Check(),
		contest.Within("participants", o.Participants, 1000, 10_000_000),
		contest.Within("expiring", o.Expiring, 0, 1_000_000),
		contest.Within("window", o.Window, 100*time.Millisecond, 10*time.Minute),
		contest.Within("interval", o.Interval, time.Second, 5*time.Minute),
		contest.Within("wait", o.Wait, time.Second, 10*time.Minute),
	)
}

// grace is half an interval: the deadline is two and a half.
func (o *Options) grace() time.Duration { return o.Interval / 2 }

func (o *Options) deadline() time.Duration { return 2*o.Interval + o.grace() }

func (o *Options) settings() map[string]string {
	return o.Settings(map[string]string{
		"participants": fmt.Sprint(o.Participants), "expiring": fmt.Sprint(o.Expiring), "window": o.Window.String(),
		"interval": o.Interval.String(), "wait": o.Wait.String(), "redis": o.Redis,
	})
}
