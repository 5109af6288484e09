package centrifugo

import (
	"cmp"
	"fmt"

	"github.com/scaiwave/presence/bench/contest"
)

// Options are the flags of `presence-bench compare centrifugo`.
type Options struct {
	contest.Options `embed:""`

	Centrifugo string `name:"centrifugo" placeholder:"PATH" help:"The program to compare with. By default it is built once, by go install, and kept in the user's cache."`
	Sockets    int    `default:"10000" help:"Sockets that connect to each side and stay (100 to 18,000)."`
}

// Check returns an error that names the first flag that is out of bounds.
func (o *Options) Check() error {
	return cmp.Or(o.Options.Check(), contest.Within("sockets", o.Sockets, 100, 18_000))
}

func (o *Options) settings() map[string]string {
	return o.Settings(map[string]string{"sockets": fmt.Sprint(o.Sockets), "centrifugo": o.Centrifugo})
}
