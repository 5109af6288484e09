package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options are the flags of all scenarios that need servers.
type Options struct {
	Local    int           `placeholder:"N" help:"Start N nodes on loopback, and end them afterwards. By default 1, or 3 where the scenario is about several."`
	Server   []string      `sep:"none" placeholder:"URL" help:"Measure a running cluster instead: the URL of a node, such as http://127.0.0.1:8080. May be repeated."`
	Token    string        `default:"service" env:"PRESENCE_TOKEN" placeholder:"TOKEN" help:"With --server: a backend's token; needs the scope presence:service."`
	KeyFile  string        `placeholder:"FILE" help:"With --server and --auth=jwt: the secret (HS256) to sign the tokens of participants with sockets. Without it the id is the token, as with --auth=insecure."`
	CAFile   string        `name:"ca-file" placeholder:"FILE" help:"With --server=https://…: the certificate (PEM) that signed the server's, or that itself. Without it those of the system are trusted."`
	PID      []int         `name:"pid" placeholder:"PID" help:"With --server: a server process on this machine whose CPU and memory to measure. May be repeated."`
	Presence string        `placeholder:"PATH" help:"With --local: the server binary. By default it is built from the module this runs in, or found beside presence-bench or on the PATH."`
	Pin      bool          `default:"true" negatable:"" help:"Keep local servers and the generator on different cores, where there are two or more."`
	Cores    []int         `kong:"-"` // of local nodes; empty: Execute divides them
	Signed   bool          `kong:"-"` // local nodes check signatures of tokens
	Interval time.Duration `default:"10s" placeholder:"TIME" help:"Between two heartbeats of a device. Local nodes are told the same; a running cluster should have been."`
	Warmup   time.Duration `default:"3s" placeholder:"TIME" help:"How long the load runs before it is measured."`
	Duration time.Duration `default:"20s" placeholder:"TIME" help:"How long to measure."`
}

const (
	maxLocal    = 16
	maxDuration = 24 * time.Hour
)

// valid returns what is wrong with the flags together.
func (o *Options) valid() error {
	local := o.Local != 0
	switch {
	case local && len(o.Server) > 0:
		return errors.New("--local starts nodes and --server measures running ones: give one of them")
	case local && (o.Local < 1 || o.Local > maxLocal):
		return fmt.Errorf("--local=%d: must be from 1 to %d", o.Local, maxLocal)
	case len(o.Server) == 0 && len(o.PID) > 0:
		return errors.New("--pid is for --server; the processes of local nodes are known")
	case len(o.Server) == 0 && o.KeyFile != "":
		return errors.New("--key-file is for --server; local nodes use --auth=insecure")
	case o.CAFile != "" && !slices.ContainsFunc(o.Server,
		func(s string) bool { return strings.HasPrefix(s, "https:") }):
		return errors.New("--ca-file is for --server=https://…; other servers have no certificate")
	case len(o.Server) > 0 && o.Presence != "":
		return errors.New("--presence is for --local; with --server nothing is started")
	case o.Interval < 100*time.Millisecond || o.Interval > time.Hour:
		return fmt.Errorf("--interval=%v: must be from 100ms to 1h", o.Interval)
	case o.Warmup < 0 || o.Warmup > maxDuration:
		return fmt.Errorf("--warmup=%v: must be from 0s to %v", o.Warmup, maxDuration)
	case o.Duration < time.Second || o.Duration > maxDuration:
		return fmt.Errorf("--duration=%v: must be from 1s to %v", o.Duration, maxDuration)
	}
	return nil
}

// limit is the value of a flag, and the least and the most it may be.
type limit struct {
	flag        string
	is          float64
	least, most float64
}

// plain is a number as on a command line: not 5e+07.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func check(limits ...limit) error {
	var wrong []error
	for _, l := range limits {
		if !(l.is >= l.least && l.is <= l.most) { // NaN is out of bounds too
			wrong = append(wrong, fmt.Errorf("--%s=%s: must be from %s to %s", l.flag, plain(l.is), plain(l.least),
				plain(l.most)))
		}
	}
	return errors.Join(wrong...)
}
