package sim

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/gateway/authorize"
)

// world is a cluster, its clients, and the model that is told what they do.
type world struct {
	// static
	seed    uint64
	net     *memnet.Network
	lag     time.Duration // see eventLag
	log     *slog.Logger
	dir     string // of the nodes' disks; empty: they have none
	keys    string // the file of their gossip keys, or empty
	start   time.Time
	ids     []string
	asks    func() *authorize.Client // makes what a node asks who may see whom; nil: nothing
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu        sync.Mutex
	rand      *rand.Rand
	model     *model
	nodes     []*place
	sessions  map[string]*session // by participant and device
	story     []string
	violation string
	floodedAt time.Duration // when the latest flood began
	said      int           // statuses
	counts    counts
}

// counts are what a run has done.
type counts struct {
	answers, events, calls, failed int
	frozen                         int // pages that were, until they were idle
	floods, refused                int // writes of floods, and how many of them were refused
	faults                         map[string]int
}

// place is where a node is, or was.
type place struct {
	id, address string
	moves       int
	boots       int
	speaks      protocol.Range // of its latest boot
	visitor     bool           // it stays for a while only
	astray      bool           // it doesn't find the others: clients don't go there
	knew        bool           // it is astray, and was among others before
	clock       clock
	node        *node         // nil: it is down
	disk        time.Duration // what its disk takes for each sync
}

// maxSkew is how far the nodes' clocks are apart when they start.
const maxSkew = 100 * time.Millisecond

// usual is the network on a good day.
var usual = memnet.Quality{Latency: time.Millisecond, Jitter: 4 * time.Millisecond, Drop: 0.01, Repeat: 0.01}

// settled is how long a new cluster has before anything happens.
const settled = 5 * time.Second

func newWorld(seed uint64, nodes int, ids []string, log *slog.Logger) *world {
	w := &world{
		seed: seed, net: memnet.New(seed, usual), lag: eventLag,
		log: log, start: time.Now(), ids: ids, rand: rand.New(rand.NewPCG(seed, 2)), model: newModel(ids),
		sessions: make(map[string]*session),
		counts:   counts{faults: make(map[string]int)},
	}
	w.model.mixed = seed%2 == 0
	w.ctx, w.cancel = context.WithCancel(context.Background())
	for i := range nodes {
		p := &place{id: fmt.Sprintf("n%d", i), address: fmt.Sprintf("10.0.0.%d", i+1)}
		p.clock = clock{
			start: w.start, offset: time.Duration(w.rand.Int64N(int64(maxSkew))) - maxSkew/2,
			drift: (w.rand.Float64() - 0.5) * 1e-4,
		}
		w.nodes = append(w.nodes, p)
	}
	return w
}

// now is the time of this world.
func (w *world) now() time.Duration { return time.Since(w.start) }

// tell adds a line to the story. w.mu is held.
func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf("%9.3fs ", w.now().Seconds())+fmt.Sprintf(format, args...))
}

// break notes the first promise that was broken. w.mu is held.
func (w *world) broken(format string, args ...any) {
	if w.violation == "" {
		w.violation = fmt.Sprintf(format, args...)
		w.tell("BROKEN: %s", w.violation)
	}
}

func (w *world) isBroken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.violation != ""
}

// seeds are where the nodes gossip at first.
func (w *world) seeds() (all []string) {
	for _, p := range w.nodes {
		all = append(all, fmt.Sprintf("%s:%d", p.address, gossipPort))
	}
	return all
}

// bootAll starts all nodes at once, so that each finds another at its seeds, and waits until all
// are ready.
func (w *world) bootAll() {
	var all sync.WaitGroup
	for i, p := range w.nodes {
		all.Go(func() {
			w.boot(i)
			for p.node != nil && p.node.cluster.Ready() != nil {
				sleep(w.ctx, tick)
			}
		})
	}
	all.Wait()
}

// boot starts the node of a place.
func (w *world) boot(i int) {
	p := w.nodes[i]
	w.mu.Lock()
	p.clock.resume()
	seeds := w.seeds()
	c := &clock{start: p.clock.start, offset: p.clock.offset, drift: p.clock.drift}
	k := kit{id: p.id, address: p.address, clock: c, seeds: seeds, keys: w.keys, log: w.log, speaks: w.speaks(i)}
	if w.asks != nil {
		k.authorize = w.asks()
	}
	if w.dir != "" {
		k.dir, k.syncing = filepath.Join(w.dir, p.id), func() { w.wait(p) }
	}
	w.mu.Unlock()
	w.bootWith(p, k)
}

func (w *world) bootWith(p *place, k kit) {
	n, err := boot(w.ctx, w.net, k)
	w.mu.Lock()
	if err == nil {
		p.node = n
		w.tell("%s is up at %s", p.id, p.address)
		w.mu.Unlock()
		return
	}
	w.tell("%s does not start: %v", p.id, err)
	if w.ctx.Err() == nil {
		w.broken("a node does not start: %v", err)
	}
	w.mu.Unlock()
	if n != nil {
		n.host.Kill()
		n.end()
	}
}

// up are the places whose nodes take clients.
func (w *world) up() (all []int) {
	for i, p := range w.nodes {
		if p.node != nil && !p.astray {
			all = append(all, i)
		}
	}
	return all
}

// anyUp is the address of a node that is up, another than not if there is one; empty if there is
// none. w.mu is held.
func (w *world) anyUp(not string) string { return w.anyOf(w.up(), not) }

func (w *world) anyOf(all []int, not string) string {
	if len(all) > 1 {
		all = slices.DeleteFunc(all, func(i int) bool { return w.nodes[i].address == not })
	}
	if len(all) == 0 {
		return ""
	}
	return w.nodes[all[w.rand.IntN(len(all))]].address
}

// check judges a state that somebody was told at an address.
func (w *world) check(what, address, viewer, id, state string, from, to time.Duration) {
	if state == "unknown" {
		if !w.model.mayBeUnknown(address, from, to) {
			w.broken("%s %s: %q sees %s unknown, in answer to what was asked at %.3fs", what, address, viewer, id,
				from.Seconds())
		}
		return
	}
	if may := w.model.sees(viewer, id, from, to); stateOf(state)&may == 0 {
		w.broken("%s %s: %q sees %s %s between %.3fs and %.3fs, may see %v", what, address, viewer, id, state,
			from.Seconds(), to.Seconds(), may)
	}
}

// query asks for everybody, as a viewer, and judges the answer.
func (w *world) query(from *memnet.Host, address, viewer string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	body := map[string]any{"ids": w.ids}
	if viewer != "" {
		body["viewer"] = viewer
	}
	asked := w.now()
	var got map[string]string
	unknown, err := call(ctx, from, address, "POST", "/v1/presence/query", body, &got)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.answers += len(got)
	for _, id := range w.ids {
		state, ok := got[id]
		if !ok {
			w.broken("%s is missing in an answer", id)
			continue
		}
		w.check("a query at", address, viewer, id, state, asked, w.now())
		if state == "unknown" {
			unknown--
		}
	}
	if unknown != 0 {
		w.broken("Presence-Unknown is wrong by %d", unknown)
	}
	return got, nil
}

// watchQueries asks somebody, as somebody, all the time.
func (w *world) watchQueries() {
	h := w.net.Host("10.2.0.1")
	for w.ctx.Err() == nil {
		w.mu.Lock()
		address := w.anyUp("")
		viewer := append([]string{""}, w.ids...)[w.rand.IntN(len(w.ids)+1)]
		whom := w.ids[w.rand.IntN(len(w.ids))]
		pause := time.Duration(200+w.rand.IntN(800)) * time.Millisecond
		w.mu.Unlock()
		if address != "" {
			_, _ = w.query(h, address, viewer) // one that is not answered is no answer
			w.queryStatuses(h, address, viewer)
			w.inspect(h, address, viewer, whom)
		}
		w.lookOver()
		sleep(w.ctx, pause)
	}
}

// lookOver looks over everybody's shoulder: what was told last must not be older than an event may
// be.
func (w *world) lookOver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.lookAtDeaf(now)
	for _, s := range w.sessions {
		if s.asleep || w.model.deaf(s.address, now) != nil || s.woke > 0 &&
			now < s.woke+heartbeatEvery+pingTimeout+troubleLag || !w.serves(s.node, now) {
			continue
		}
		s.mu.Lock()
		for id, state := range s.shown {
			if from := s.lag(now); s.answered > 0 && s.answered < from && state != "unknown" {
				w.check("shown by", s.address, s.id, id, state, from, now)
				w.checkStatus("shown by", s.address, s.id, id, s.says[id], from, now)
			}
		}
		s.mu.Unlock()
	}
}

// serves says whether a node has been there, and running, for a while. w.mu is held.
func (w *world) serves(n *node, now time.Duration) bool {
	return slices.ContainsFunc(w.nodes, func(p *place) bool { return n != nil && p.node == n }) &&
		!slices.ContainsFunc(w.model.faults,
			func(f *fault) bool { return f.paused > 0 && (f.end == 0 || now < f.end+troubleLag) })
}

// nodeAt is the node at an address, or nil. w.mu is held.
func (w *world) nodeAt(address string) *node {
	for _, p := range w.nodes {
		if p.address == address {
			return p.node
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// end stops everything.
func (w *world) end() {
	w.cancel()
	w.mu.Lock()
	sessions := slices.Collect(maps.Values(w.sessions))
	var nodes []*node
	for _, p := range w.nodes {
		p.clock.resume()
		if p.node != nil {
			nodes = append(nodes, p.node)
		}
	}
	w.mu.Unlock()
	for _, s := range sessions {
		s.drop()
	}
	for _, n := range nodes {
		n.host.Thaw()
		n.host.Kill()
	}
	for _, n := range nodes {
		n.end()
	}
	w.running.Wait()
}

// report is the story's end, for whoever has to find out.
func (w *world) report(lines int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.story[max(0, len(w.story)-lines):], "\n")
}
