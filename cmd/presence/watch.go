package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

type watchCommand struct {
	IDs []string `arg:"" name:"id" help:"Participants, up to 5,000."`

	serverSettings `embed:""`
}

// Run prints states and changes until ctx ends.
func (c *watchCommand) Run(ctx context.Context, t terminal) error {
	w := watcher{t: t, now: time.Now}
	return c.keep(ctx, presence.Config{}, c.IDs, w.tell)
}

// watcher prints states as they change.
type watcher struct {
	t   terminal
	now func() time.Time
}

func (w *watcher) tell(event presence.Event) {
	if states, ok := event.(presence.States); ok {
		for _, id := range slices.Sorted(maps.Keys(states)) {
			w.show(id, states[id])
		}
		return
	}
	tellConnection(w.t, event)
}

func (w *watcher) show(id, state string) {
	if interactive(w.t.out) {
		fmt.Fprintf(w.t.out, "%s  %s  %s\n", w.now().Format(time.TimeOnly), dot(state, w.t.colourful()), id)
		return
	}
	fmt.Fprintf(w.t.out, "%s %s %s\n", w.now().UTC().Format("2006-01-02T15:04:05.000Z"), id, state)
}

// tellConnection says on stderr how the connection is doing.
func tellConnection(t terminal, event presence.Event) {
	switch e := event.(type) {
	case presence.Welcome:
		fmt.Fprintf(t.err, "connected to node %s as %s; Ctrl-C ends\n", e.Node, e.Participant)
	case *presence.Error:
		fmt.Fprintf(t.err, "the server refused: %v\n", e)
	case presence.Reconnect:
		fmt.Fprintf(t.err, "the node is leaving; connecting again in %s\n", e.After)
	case presence.Lost:
		fmt.Fprintf(t.err, "connection lost: %v; trying again in %s\n", e.Err, e.RetryIn.Round(time.Millisecond))
	}
}
