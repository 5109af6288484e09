package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// Rushers is the part of Rush that connects. It is a process of its own and has a lower priority:
// thousands of sockets at once are a queue in the process that makes them, too, and what is asked
// meanwhile would wait in that one.
//
// It reads a rush from stdin, connects, writes what came of it to stdout, and stays until stdin
// ends.
type Rushers struct{}

// rushersCommand is the subcommand of this program that is Rushers.
const rushersCommand = "rushers"

// rush is what Rushers are told.
type rush struct {
	Servers []string      `json:"servers"`
	CAFile  string        `json:"ca_file"`
	Within  time.Duration `json:"within"`
	Over    time.Duration `json:"over"`    // they connect over this; 0: all at once
	Watched string        `json:"watched"` // whom each watches; empty: nobody
	Tokens  []string      `json:"tokens"`

	Addresses int `json:"addresses"` // of loopback, from which they connect; 0: as the system chooses
}

// rushed is what they tell: first that they begin, and then the rest.
type rushed struct {
	Known     bool             `json:"known"`
	Took      time.Duration    `json:"took"`
	Away      int              `json:"away"`
	Latencies []time.Duration  `json:"latencies"` // of those that are connected
	Errors    map[string]int64 `json:"errors"`
}

// Run is called by the command line.
func (Rushers) Run(ctx context.Context) error {
	var told rush
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&told); err != nil {
		return fmt.Errorf("%s: what to do, on stdin: %w", rushersCommand, err)
	}
	c, err := target.Running(told.Servers, "", told.CAFile)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	var staying sync.WaitGroup
	defer staying.Wait()
	defer leave()
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(rushed{})
	if err := out.Encode(told.connect(ctx, c, &staying)); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return nil
}

// connect has all connect, and waits for them.
func (t *rush) connect(ctx context.Context, c *target.Cluster, staying *sync.WaitGroup) rushed {
	records, begun, took := load.NewRecorder(), time.Now(), make(chan time.Duration, len(t.Tokens))
	records.Begin()
	all := make([]*load.Visitor, len(t.Tokens))
	for i, token := range t.Tokens {
		all[i] = &load.Visitor{Cluster: c, Records: records, Token: token, Device: "tab", Patience: t.Within}
		if t.Watched != "" {
			all[i].More = load.Subscribe([]string{t.Watched})
		}
		if t.Addresses > 0 {
			all[i].Dialer = load.Loopback(i % t.Addresses)
		}
		due := begun.Add(t.Over * time.Duration(i) / time.Duration(len(t.Tokens)))
		var once sync.Once
		all[i].Arrived = func() { once.Do(func() { took <- time.Since(due) }) }
		staying.Go(func() {
			if load.Sleep(ctx, time.Until(due)) {
				all[i].Stay(ctx, due)
			}
		})
	}
	a := await(ctx, all, begun, t.Within)
	r := rushed{Known: a.known, Took: a.took, Away: a.away, Errors: records.Counts().Errors}
	for range len(took) {
		r.Latencies = append(r.Latencies, <-took)
	}
	return r
}

// rushers is a process of Rushers.
type rushers struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// startRushers starts them, and returns when they begin. They end with ctx.
func startRushers(ctx context.Context, t rush) (*rushers, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := &rushers{cmd: exec.Command("nice", "-n", "10", path, rushersCommand)}
	r.cmd.Stderr = os.Stderr
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = json.NewDecoder(out)
	if err := target.StartOn(nil, r.cmd); err != nil {
		return nil, fmt.Errorf("starting those who connect: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = r.cmd.Process.Kill() })
	var begun rushed
	if err := json.NewEncoder(r.in).Encode(t); err != nil {
		return nil, r.failed(err)
	}
	if err := r.out.Decode(&begun); err != nil {
		return nil, r.failed(err)
	}
	return r, nil
}

func (r *rushers) failed(err error) error {
	r.leave()
	return fmt.Errorf("those who connect: %w", err)
}

// wait waits until all are connected, or the time for it is over.
func (r *rushers) wait() (told rushed, err error) {
	if err = r.out.Decode(&told); err != nil {
		err = r.failed(err)
	}
	return told, err
}

// leave ends them, with all their connections.
func (r *rushers) leave() {
	_ = r.in.Close()
	_ = r.cmd.Wait()
}

// note adds what they have told to what is recorded.
func (t *rushed) note(records *load.Recorder) {
	now := time.Now()
	for _, d := range t.Latencies {
		records.Took(load.Connecting, now, d)
	}
	for kind, n := range t.Errors {
		records.FailedAs(kind, now, n)
	}
}
