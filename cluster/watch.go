package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/watch"
	"github.com/scaiwave/presence/shard"
)

// newFeed makes the gateway's side of watching from a node that has a host.
func newFeed(n *Node) (*watch.Feed, error) {
	return watch.New(watch.Config{
		Self: n.name, Partitions: n.partitions, Host: n.host, Views: &n.view, Call: n.caller.Call,
		Spread: func(ctx context.Context, b *watch.Batch) []int { return call.Spread(ctx, n.caller, b) },
		Speaks: n.speaks,
		Warm:   func(partition int) { n.running.Go(func() { n.devices.reannounceAll(partition) }) },
	})
}

// SetSink sets who is told of changes to what Watch names. Once, before Start.
func (n *Node) SetSink(s Sink) {
	n.sink, n.devices.sink = s, s
	n.feed.SetSink(s)
}

// Watch makes the sink hear of every change of what is asked about from now on, and answers how it
// is now. Watching what is watched already is harmless. sights has the length of questions. It
// returns how many ids nobody could be asked about: of these the Answer is host.Missing.
func (n *Node) Watch(ctx context.Context, questions []Question, sights []Sight) (unknown int) {
	return n.feed.Watch(ctx, questions, sights)
}

// Viewer makes the viewer of an id, for all the questions that it asks.
func (n *Node) Viewer(id string) shard.Viewer { return n.host.Viewer(id) }

// Unwatch ends the sink's interest in ids.
func (n *Node) Unwatch(ids []string) { n.feed.Unwatch(ids) }
