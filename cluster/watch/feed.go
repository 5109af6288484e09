package watch

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
	"github.com/scaiwave/presence/shard/wake"
)

// New makes a feed, which the host here tells of changes. Run runs it.
func New(c Config) (*Feed, error) {
	f := &Feed{Config: c, wake: wake.New(), epochs: make(epochs, c.Partitions), due: newDue()}
	var err error
	f.local, err = c.Host.AddSink(localSink{f})
	return f, err
}

// SetSink sets who is told. Once, before Run.
func (f *Feed) SetSink(s Sink) { f.sink = s }

// localSink takes what the host here tells.
type localSink struct{ *Feed }

func (l localSink) Deliver(updates []host.Update) { l.deliver(l.Self, updates) }
func (l localSink) Evict(e host.Eviction)         { l.sink.Evict(e) }
func (l localSink) Moved(partitions []int)        { l.moved(partitions) }

// moved acts on what the host here serves no longer. It may have stood still: then an answer of
// another node, which it takes for none of the owners, is newer than all that was told here.
func (f *Feed) moved(partitions []int) {
	f.mu.Lock()
	for _, p := range partitions {
		f.epochs.end(p, f.Self)
	}
	f.mu.Unlock()
	f.renew(partitions...)
}

// deliver hands on the changes that an owner tells of.
func (f *Feed) deliver(source link.Name, updates []host.Update) {
	kept := updates[:0]
	f.mu.Lock()
	for _, u := range updates {
		if !f.epochs.place(f.Host.PartitionOf(u.ID), source, &u) {
			continue
		}
		if kept = append(kept, u); u.Ask {
			f.due.ids[u.ID] = struct{}{}
			f.wake.Raise()
		}
	}
	f.mu.Unlock()
	if len(kept) > 0 {
		f.sink.Deliver(kept)
	}
}
