package hub

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// What this package holds: the hub, its topics and its viewers. They know each other, so they stand
// in one file. Their methods are in the others, by what they are about.

// Node is what the hub needs from the cluster.
type Node interface {
	// Viewer makes the viewer of a participant id.
	Viewer(id string) shard.Viewer
	// Watch registers interest in ids and answers how they look now, and which viewers have an
	// exception; the Answer is Missing where the owner did not answer before ctx ended. It returns
	// how many of those there are. Repeating an id is harmless.
	Watch(ctx context.Context, questions []cluster.Question, sights []cluster.Sight) (unknown int)
	// Unwatch ends the interest in ids. It must not wait for other nodes, and a Watch that begins
	// later must not lose to it.
	Unwatch(ids []string)
}

// Judge says whom viewers may see by a backend's answer; see package authorize. Ask waits for the
// backend until ctx ends, and fills answers, of the same length as list.
type Judge interface {
	Ask(ctx context.Context, viewer tenant.Participant, list tenant.List, answers []authorize.Answer)
}

// Encode appends the message that tells one change to all who see the same.
type Encode func(b []byte, c *Change) []byte

// Change is what to tell a viewer of one participant. Frame is its message, shared with other
// viewers and not to be changed, or nil.
type Change struct {
	Of     tenant.Participant
	Parts  Part
	State  shard.State
	Status *shard.Status // nil: none
	Frame  []byte
}

// Part is a set of what a Change has.
type Part uint8

// The parts. WithStatus is that of a subscription with status, whatever else there is.
const (
	StateChanged Part = 1 << iota
	StatusChanged
	WithStatus
)

// Hub holds the topics: the ids watched by at least one viewer of this process.
type Hub struct {
	// static
	node       Node
	encode     Encode
	maxWatched int
	seed       maphash.Seed
	judge      Judge // nil: no backend is asked
	start      time.Time

	interest sync.RWMutex // see the package's page
	lots     [64]lot
	names    names
	counters counters
}

// lot is a part of the topics, with a lock of its own.
type lot struct {
	mu     sync.Mutex
	topics map[string]*topic
	_      [40]byte // a cache line each
}

type counters struct {
	topics, subscriptions, viewers, updates, changes atomic.Int64
}

// names are the viewers by participant, so that a word on an exception finds its viewers among many
// watchers. Its lock is taken last.
type names struct {
	mu  sync.Mutex
	all map[uint64]*Viewer // by hash; the participant's latest, and the others hang on it
}

// topic is one watched id. Everything but frame is under lot.mu.
type topic struct {
	id  string // static
	lot *lot   // static

	known    bool       // view holds something
	readers  uint32     // watchers with status; the participant for itself is one
	view     shard.View // without Sayings where nobody watches with status
	watchers []watcher
	base     uint64 // what the orders of words are counted from

	// What a viewer who sees what everyone does is sent, without and with status; nil with less
	// than two who watch so.
	frame  atomic.Pointer[frame]
	fuller atomic.Pointer[frame]
}

// watcher is a place in a topic's list: the viewer, which of its subscriptions, and its exception
// for the topic's id.
type watcher struct {
	viewer *Viewer
	sub    uint32 // index into viewer.subs, or selfSub
	word   word
}

// word is the latest that is known of a watcher's exception: whether it has one, whether that is
// known, and when it was said, as an order counted from the topic's base. So it takes four bytes
// instead of nine, in a place that was padding.
type word uint32

// selfSub marks a viewer's watch of its own id, for itself rather than for the client's
// subscription.
const selfSub = 1<<32 - 1

// frame is one change, encoded. It is never changed after it was made.
type frame struct {
	parts  Part
	state  shard.State
	status *shard.Status
	bytes  []byte
}

// pending is what a subscription was sent that waits for its Commit: nobody is woken for it.
const pending shard.State = 0xff

// Viewer is one connection of one participant; see the package's page for who may call what.
type Viewer struct {
	// static
	hub  *Hub
	key  shard.Viewer // whose eyes; of an empty id: a stranger's
	wake func()

	exempt bool    // it sees others as a stranger does: a backend's
	docket *docket // nil: no backend is asked about this viewer. What is in it is under mu

	// reader only
	watched int32  // subscriptions in use
	free    uint32 // a place in subs to use again, counted from 1, which names the next one; 0: none

	next *Viewer // another one of the participant's; under names.mu

	mu       sync.Mutex
	subs     []sub
	statuses []toldStatus // by place in subs; shorter: those after it are without status
	dirty    []uint32     // places in subs, each at most once
	self     *selfWatch
}

// sub is a viewer's subscription of one topic. The reader alone changes topic; place is under the
// topic's lot.mu as well.
type sub struct {
	topic *topic // nil: the place is free
	place uint32 // in topic.watchers; of a free place, the next one that is free
	sent  shard.State
	want  shard.State
	dirty bool // on the dirty list; survives the subscription, as the place in the list does
	full  bool // with status; the reader alone changes it
}

// toldStatus is the status of a subscription with status, as it was sent and should be; nil: none.
type toldStatus struct{ sent, want *shard.Status }

// docket is what a backend has said of a viewer's subscriptions, and when it is asked again.
type docket struct {
	ctx  context.Context // ends with the viewer
	stop context.CancelFunc

	rulings []ruling // by place in subs
	epoch   uint64   // grows when what the backend has said is forgotten
	timer   *time.Timer
	busy    bool // the backend is being asked again; the timer is set after that
}

// ruling is what a backend has said of one subscription.
type ruling struct {
	verdict authorize.Verdict
	until   time.Duration // since the hub's start; then the backend is asked again. far: it is being asked
}

// Self is how a participant sees itself.
type Self struct {
	State    shard.State
	Override shard.Override
	Sayings  *shard.Sayings // nil: nothing
}

type selfWatch struct {
	topic *topic
	place uint32
	sent  Self
	want  Self
}
