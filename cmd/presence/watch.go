package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/gateway/dial"
)

type watchCommand struct {
	IDs []string `arg:"" name:"id" help:"Participants, up to 5,000."`

	serverSettings `embed:""`
}

// Run prints states and changes until ctx ends.
func (c *watchCommand) Run(ctx context.Context, t terminal) error {
	if err := c.requireToken(); err != nil {
		return err
	}
	w := watcher{t: t, states: map[string]string{}, now: time.Now}
	return c.keep(ctx, dial.Config{Watch: c.IDs}, w.take)
}

// watcher prints a state when it differs from the last one printed: the snapshot after a reconnect
// says nothing new about most ids.
type watcher struct {
	t      terminal
	states map[string]string
	now    func() time.Time
}

func (w *watcher) take(event dial.Event) {
	if e, ok := event.(dial.Presence); ok {
		for _, id := range slices.Sorted(maps.Keys(e.States)) {
			w.show(id, e.States[id])
		}
		return
	}
	tellConnection(w.t, event)
}

func (w *watcher) show(id, state string) {
	if w.states[id] == state {
		return
	}
	w.states[id] = state
	if interactive(w.t.out) {
		fmt.Fprintf(w.t.out, "%s  %s  %s\n", w.now().Format(time.TimeOnly), dot(state, w.t.colourful()), id)
		return
	}
	fmt.Fprintf(w.t.out, "%s %s %s\n", w.now().UTC().Format("2006-01-02T15:04:05.000Z"), id, state)
}

// tellConnection says on stderr how the connection is doing.
func tellConnection(t terminal, event dial.Event) {
	switch e := event.(type) {
	case dial.Welcome:
		fmt.Fprintf(t.err, "connected to node %s as %s; Ctrl-C ends\n", e.Node, e.Participant)
	case dial.Failure:
		fmt.Fprintf(t.err, "the server refused: %s: %s\n", e.Code, e.Message)
	case dial.Reconnect:
		fmt.Fprintf(t.err, "the node is leaving; connecting again in %s\n", e.After)
	case dial.Lost:
		fmt.Fprintf(t.err, "connection lost: %v; trying again in %s\n", e.Err, e.RetryIn.Round(time.Millisecond))
	}
}
