package centrifugo

import (
	"cmp"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/contest"
)

// Options are the flags of `presence-bench compare centrifugo`.
type Options struct {
	Centrifugo  string        `name:"centrifugo" placeholder:"PATH" help:"The program to compare with. By default it is built once, by go install, and kept in the user's cache."`
	Presence    string        `name:"presence" placeholder:"PATH" help:"The server's binary. By default it is built from the module this runs in."`
	Sockets     int           `default:"10000" help:"Sockets that connect to each side and stay (100 to 18,000)."`
	Rounds      int           `default:"5" help:"How often each kind of work is measured on each side; the median counts."`
	Each        time.Duration `default:"3s" help:"How long one measurement lasts."`
	Subscribers int           `default:"1000" help:"Viewers or subscribers who are told of a change (1 to 9,000)."`
}

// Check returns an error that names the first flag that is out of bounds.
func (o *Options) Check() error {
	return cmp.Or(
		contest.Within("sockets", o.Sockets, 100, 18_000),
		contest.Within("rounds", o.Rounds, 1, 100),
		contest.Within("each", o.Each, 100*time.Millisecond, time.Minute),
		contest.Within("subscribers", o.Subscribers, 1, 9_000),
	)
}

func (o *Options) settings() map[string]string {
	return map[string]string{
		"sockets": fmt.Sprint(o.Sockets), "rounds": fmt.Sprint(o.Rounds), "each": o.Each.String(),
		"subscribers": fmt.Sprint(o.Subscribers), "centrifugo": o.Centrifugo,
	}
}
