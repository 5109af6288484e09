package host

import (
	"maps"
	"slices"
	"sync"
)

// outbox is what a gateway hasn't been told yet: of each id the latest view, of each device the latest eviction. So it
// never holds more than the gateway watches, however slow the gateway is.
type outbox struct {
	sink    Sink
	wake    chan struct{} // one slot
	stop    chan struct{} // closed by RemoveSink
	stopped chan struct{} // closed by run

	mu        sync.Mutex
	updates   map[string]Update
	evictions map[deviceName]Eviction
	moved     map[int]struct{}
}

type deviceName struct{ participant, device string }

func newOutbox(sink Sink) *outbox {
	return &outbox{
		sink:      sink,
		wake:      make(chan struct{}, 1),
		stop:      make(chan struct{}),
		stopped:   make(chan struct{}),
		updates:   make(map[string]Update),
		evictions: make(map[deviceName]Eviction),
		moved:     make(map[int]struct{}),
	}
}

func (o *outbox) put(u Update) {
	o.mu.Lock()
	o.updates[u.ID] = u
	o.mu.Unlock()
	o.poke()
}

func (o *outbox) putEviction(e Eviction) {
	o.mu.Lock()
	o.evictions[deviceName{e.Participant, e.Device}] = e
	o.mu.Unlock()
	o.poke()
}

func (o *outbox) putMoved(partition int) {
	o.mu.Lock()
	o.moved[partition] = struct{}{}
	o.mu.Unlock()
	o.poke()
}

func (o *outbox) poke() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run hands things over until the host stops.
func (o *outbox) run(stopping <-chan struct{}) {
	defer close(o.stopped)
	for {
		select {
		case <-stopping:
			return
		case <-o.stop:
			return
		case <-o.wake:
			o.flush()
		}
	}
}

// flush hands over all there is.
func (o *outbox) flush() {
	o.mu.Lock()
	updates := make([]Update, 0, len(o.updates))
	for _, u := range o.updates {
		updates = append(updates, u)
	}
	clear(o.updates)
	evictions := make([]Eviction, 0, len(o.evictions))
	for _, e := range o.evictions {
		evictions = append(evictions, e)
	}
	clear(o.evictions)
	moved := slices.Sorted(maps.Keys(o.moved))
	clear(o.moved)
	o.mu.Unlock()

	for _, e := range evictions {
		o.sink.Evict(e)
	}
	if len(updates) > 0 {
		o.sink.Deliver(updates)
	}
	if len(moved) > 0 {
		o.sink.Moved(moved)
	}
}
