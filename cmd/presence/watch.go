package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/client/presence"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

type watchCommand struct {
	IDs []string `arg:"" name:"id" help:"Participants, up to 5,000."`

	serverSettings `embed:""`
}

// Run prints states and changes until ctx ends.
func (c *watchCommand) Run(ctx context.Context, t terminal) error {
	w := watcher{t: t, now: time.Now}
	return c.keep(ctx, presence.Config{Statuses: true}, c.IDs, w.tell)
}

// watcher prints states and statuses as they change.
type watcher struct {
	t   terminal
	now func() time.Time
}

func (w *watcher) tell(event presence.Event) {
	seen, ok := event.(presence.Seen)
	if !ok {
		tellConnection(w.t, event)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(seen.States)) {
		w.show(id, dot(seen.States[id], w.t.colourful()), seen.States[id])
	}
	for _, id := range slices.Sorted(maps.Keys(seen.Statuses)) {
		w.say(id, seen.Statuses[id])
	}
}

// show prints a line: in one way for a person, and in another one for a program.
func (w *watcher) show(id, forPeople, forPrograms string) {
	if interactive(w.t.out) {
		fmt.Fprintf(w.t.out, "%s  %s  %s\n", w.now().Format(time.TimeOnly), forPeople, id)
		return
	}
	fmt.Fprintf(w.t.out, "%s %s %s\n", w.now().UTC().Format("2006-01-02T15:04:05.000Z"), id, forPrograms)
}

// say prints what a participant says of itself; nil: nothing any more. Programs get it as JSON.
func (w *watcher) say(id string, s *presence.Status) {
	people := "says nothing any more"
	if s != nil {
		people = "says: " + wordsOf(s) + until(s.Until, w.now())
	}
	w.show(id, fmt.Sprintf("%-*s", stateWidth, people), "status "+statusJSON(s))
}

// statusJSON is a status as the server says it.
func statusJSON(s *presence.Status) string {
	if s == nil {
		return "null"
	}
	said := shard.Status{Text: s.Text, Emoji: s.Emoji}
	if !s.Until.IsZero() {
		said.Until = s.Until.UnixMilli()
	}
	return string(wire.AppendStatus(nil, &said))
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
