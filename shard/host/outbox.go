package host

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/wake"
)

// outbox is what a gateway hasn't been told yet: of each id the latest view and the latest words on
// its exceptions, of each device the latest eviction. So it never holds more than the gateway
// watches, and maxWordsInAll, however slow the gateway is.
type outbox struct {
	sink    Sink
	wake    wake.Signal
	stop    chan struct{} // closed by RemoveSink
	stopped chan struct{} // closed by run
	asked   *atomic.Int64 // counts updates that say Ask

	handing sync.Mutex // held while the sink is told something

	mu        sync.Mutex
	updates   map[string]Update
	words     int // in updates
	evictions map[deviceName]Eviction
	moved     map[int]struct{}
}

type deviceName struct{ participant, device string }

// Beyond these a gateway asks anew.
const (
	maxWords      = 64      // of one id
	maxWordsInAll = 1 << 16 // of all ids
)

func newOutbox(sink Sink, asked *atomic.Int64) *outbox {
	return &outbox{
		sink:      sink,
		asked:     asked,
		wake:      wake.New(),
		stop:      make(chan struct{}),
		stopped:   make(chan struct{}),
		updates:   make(map[string]Update),
		evictions: make(map[deviceName]Eviction),
		moved:     make(map[int]struct{}),
	}
}

func (o *outbox) put(id string, v shard.View) {
	o.mu.Lock()
	u := o.updates[id]
	u.ID, u.View = id, v
	o.updates[id] = u
	o.mu.Unlock()
	o.wake.Raise()
}

func (o *outbox) putWord(id string, w Word) {
	o.mu.Lock()
	u := o.updates[id]
	u.ID = id
	o.words -= len(u.Words)
	o.note(&u, w)
	o.words += len(u.Words)
	o.updates[id] = u
	o.mu.Unlock()
	o.wake.Raise()
}

// note puts a word among those of an update, in place of an older one on the same viewer. The words
// of one that says Ask would be in vain.
func (o *outbox) note(u *Update, w Word) {
	i := slices.IndexFunc(u.Words, func(old Word) bool { return old.Viewer.Hash == w.Viewer.Hash })
	switch {
	case u.Ask:
	case i >= 0:
		u.Words[i] = w
	case len(u.Words) == maxWords || o.words+len(u.Words) >= maxWordsInAll:
		u.Words, u.Ask = nil, true
		o.asked.Add(1)
	default:
		u.Words = append(u.Words, w)
	}
}

func (o *outbox) putEviction(e Eviction) {
	o.mu.Lock()
	o.evictions[deviceName{e.Participant, e.Device}] = e
	o.mu.Unlock()
	o.wake.Raise()
}

func (o *outbox) putMoved(partition int) {
	o.mu.Lock()
	o.moved[partition] = struct{}{}
	o.mu.Unlock()
	o.wake.Raise()
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
	o.handing.Lock()
	defer o.handing.Unlock()
	o.hand()
}

// hand is flush with handing held.
func (o *outbox) hand() {
	o.mu.Lock()
	updates := make([]Update, 0, len(o.updates))
	for _, u := range o.updates {
		if u.View.Doubt && u.View.Public != shard.Offline {
			u.Ask = true // words on pairs were held back for as long as it wasn't known how it looks
		}
		updates = append(updates, u)
	}
	clear(o.updates)
	o.words = 0
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

// sinks are the gateways, by id; nil where one has gone.
type sinks struct {
	mu  sync.RWMutex
	all []*outbox
}

func (s *sinks) get(id SinkID) *outbox {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all[id]
}
