package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// steward sees to it that state is where it belongs. After every change of the view, and after a gap in which the process stood
// still, it does the same two things, whatever has happened:
//
//	what it holds of others     hold ▶ snapshot ▶ push to the owner, who merges ▶ keep a copy until the owner has its backup
//	what it owns and doesn't    ask every other node: "what do you hold of mine, under this key?"
//	serve yet                   listed: its push will come          listed by nobody: serve what is here,
//	                                                                or begin with nothing (see lost)
//
// A node answers only under its own key, so both see the same members, and what isn't listed will not come.
type steward struct {
	// static
	node     *Node
	wake     chan struct{} // one slot
	counters struct{ promoted, lost, handedOver, refused atomic.Int64 }

	alarm    chan struct{} // one slot: the process has stood still
	standing atomic.Int64  // how often it has

	since     time.Time               // static: when it was made
	unreached map[link.Name]time.Time // run only: members that cannot be reached, and since when

	stage  atomic.Int32 // see formed.go
	doubts atomic.Bool  // likewise

	mu      sync.Mutex
	round   *round
	pushing int              // partitions on their way out
	missed  map[int]struct{} // stood down, and not handed over: their owners have gone on without this node

	// copies makes what is done to a copy fit the view it is done for: whoever takes, merges or fills, holds it for reading; whoever
	// marks or drops, for writing.
	copies  sync.RWMutex
	arrived []arrival // by partition; each is held after copies
}

// round is what is known, under one key, of the partitions that this node owns and doesn't serve yet.
type round struct {
	view   *view.View
	stood  int64                          // how often the process had stood still when it was begun
	asked  bool                           // everybody has answered, or had the time to
	formed bool                           // as somebody says, or may have said: what nobody holds is lost
	listed map[int]map[link.Name]struct{} // whose pushes are to come, by partition
	pushed map[int]map[link.Name]struct{} // whose pushes have come
	backed []bool                         // by partition: it has been served, and given its backup, under this round
}

// Bounds of a round.
const (
	silentTimeout  = 6 * time.Second        // for a node that doesn't answer
	outTimeout     = time.Second            // for one that is left out of the ring, since it can't be reached
	askTimeout     = 30 * time.Second       // for somebody who answers under another key
	askAgain       = 50 * time.Millisecond  // after an answer under another key
	agreeTimeout   = time.Second            // for an owner to see the same members, before something is pushed to it
	introduceAfter = 2 * settle             // of answers under another key
	lookAgain      = 500 * time.Millisecond // while something is under way
	bulkTimeout    = 5 * time.Second        // for one call with snapshots
	tidyEvery      = 5 * time.Second        // copies that nobody needs are looked for
	waitForOthers  = time.Hour              // for as long as gossip looks for lost members, what is lost with most of them is unknown
)

func newSteward(n *Node) *steward {
	return &steward{
		node: n, wake: make(chan struct{}, 1), alarm: make(chan struct{}, 1), arrived: make([]arrival, n.partitions),
		since: time.Now(), unreached: make(map[link.Name]time.Time), missed: make(map[int]struct{}),
	}
}

// doubt is called when the process has stood still: the host holds everything, and others may have taken it over. What was asked before
// doesn't count any more. It must not wait.
func (s *steward) doubt() {
	s.standing.Add(1)
	poke(s.alarm)
	poke(s.wake)
}

func (s *steward) run(ctx context.Context) {
	t := time.NewTicker(lookAgain)
	defer t.Stop()
	tidied, stood := time.Now(), int64(0)
	for {
		v := s.node.view.Load()
		s.settle(ctx, v)
		s.confirm(ctx, v)
		s.age(v)
		s.stayWarm(v)
		if now := s.standing.Load(); time.Since(tidied) > tidyEvery || now != stood {
			s.tidy(ctx, v)
			tidied, stood = time.Now(), now
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-t.C:
		}
	}
}

// settle works until everything is where it belongs under v, v has gone, or the process has stood still.
func (s *steward) settle(ctx context.Context, v *view.View) {
	if v.Table == nil {
		return
	}
	select {
	case <-s.alarm: // of a stop before this
	default:
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-v.Gone:
		case <-s.alarm:
		case <-ctx.Done():
		}
		cancel()
	}()
	var all sync.WaitGroup
	all.Go(func() { s.collect(ctx, v) })
	all.Go(func() { s.pushAll(ctx, v) })
	all.Go(func() { s.leaveBehind(ctx, v) })
	all.Wait()
}

// leaveBehind marks the copies that don't follow any more.
func (s *steward) leaveBehind(ctx context.Context, v *view.View) {
	for p := range s.node.partitions {
		if ctx.Err() != nil {
			return
		}
		if s.node.host.Role(p) == host.Copy && s.leftBehind(v, p) {
			s.copies.Lock()
			if s.node.view.Load() == v {
				s.node.host.Stale(p)
			}
			s.copies.Unlock()
		}
	}
}

// leftBehind says of a copy whether its owner is there, and has another backup: from now on it is worth less than what that one has.
func (s *steward) leftBehind(v *view.View, partition int) bool {
	source, _ := s.node.host.Source(partition)
	owner, _ := v.Owner(partition)
	return v.IsThere(source) && owner != s.node.name && s.backup(v, partition) != s.node.name
}

// backup is who v names as the backup, or zero.
func (s *steward) backup(v *view.View, partition int) link.Name {
	backup, _ := v.Backup(partition)
	return backup
}

// wanted are the partitions that this node owns and doesn't serve.
func (s *steward) wanted(v *view.View) (partitions []int) {
	for p := range s.node.partitions {
		if owner, _ := v.Owner(p); owner == s.node.name && s.node.host.Role(p) != host.Serving {
			partitions = append(partitions, p)
		}
	}
	return partitions
}

// open are the partitions that this node owns, and of which something may be still to come.
func (s *steward) open(v *view.View) (partitions []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.current(v)
	for p := range s.node.partitions {
		if owner, _ := v.Owner(p); owner == s.node.name && (!r.backed[p] || s.node.host.Role(p) != host.Serving) {
			partitions = append(partitions, p)
		}
	}
	return partitions
}

// collect asks for what others hold of what this node owns. What nobody else holds it serves, and gives the backup that v names.
func (s *steward) collect(ctx context.Context, v *view.View) {
	open := s.open(v)
	if len(open) == 0 {
		return
	}
	r := s.begin(v)
	s.ask(ctx, r)
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	r.asked = true
	s.mu.Unlock()
	var promoted []int
	for _, p := range open {
		if s.serve(r, p) {
			promoted = append(promoted, p)
		}
	}
	if len(promoted) > 0 {
		s.node.log.Info("took over", "promoted", len(promoted), "asked", len(open))
		s.refillLater(promoted)
	}
	s.form(r)
}

// begin starts a round, or the same one again: pushes that have come under this key have come.
func (s *steward) begin(v *view.View) *round {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.current(v)
	r.asked, r.listed = false, make(map[int]map[link.Name]struct{})
	r.formed = s.stage.Load() == formed
	return r
}

// current is the round under v: a new one if there is none yet, or if the process has stood still since. s.mu is held.
func (s *steward) current(v *view.View) *round {
	if r := s.round; r == nil || r.view != v || r.stood != s.standing.Load() {
		s.round = &round{
			view: v, stood: s.standing.Load(), pushed: make(map[int]map[link.Name]struct{}), backed: make([]bool, s.node.partitions),
		}
	}
	return s.round
}

// ask asks all others that may hold partitions.
func (s *steward) ask(ctx context.Context, r *round) {
	var all sync.WaitGroup
	for _, name := range r.view.Others(s.node.name) {
		all.Go(func() { s.askUntil(ctx, r, name, s.patience(r.view, name)) })
	}
	all.Wait()
	s.askGateways(ctx, r)
}

// patience is for how long a node may be silent before it is taken to hold nothing. One that was
// left out, and that no call can reach, isn't waited for: writes wait for this round, and what it
// holds it pushes when there is a way again.
func (s *steward) patience(v *view.View, name link.Name) time.Duration {
	switch {
	case !v.IsOut(name):
		return silentTimeout
	case s.node.caller.Reachable(v, v.Places[name.ID]):
		return outTimeout
	default:
		return 0
	}
}

// askUntil asks one node until it answers under the same key. One that is silent, or doesn't come
// to see the same members, is taken to hold nothing; but for all that is known the cluster had
// formed.
func (s *steward) askUntil(ctx context.Context, r *round, name link.Name, patience time.Duration) {
	start := time.Now()
	heard := start
	differs := s.whoDiffers(name)
	for time.Since(heard) < patience && time.Since(start) < askTimeout && ctx.Err() == nil {
		h := s.askOne(ctx, r.view, name)
		if h.same {
			s.note(r, name, h)
			return
		}
		if h.answered {
			heard = time.Now()
			differs()
		}
		pause(ctx, askAgain)
	}
	if ctx.Err() == nil {
		s.note(r, name, silent(r.view, name))
		s.node.log.Warn("a node does not say what it holds", "peer", name.ID, "after", time.Since(start))
	}
}

// whoDiffers returns what is called each time that a node answers under another key. When it has for
// longer than a change takes to get around, one of the two has missed it.
func (s *steward) whoDiffers(name link.Name) func() {
	since := time.Now()
	return func() {
		if time.Since(since) > introduceAfter {
			s.node.gossip.Introduce(name)
			since = time.Now()
		}
	}
}

// holdingsOf is what another node holds of what this one owns, if it sees the same members.
type holdingsOf struct {
	answered, same bool
	stage          int32 // see formed.go
	held           []int
}

func (s *steward) askOne(ctx context.Context, v *view.View, name link.Name) (h holdingsOf) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := s.node.caller.Call(ctx, name, link.Bulk, message.OpHoldings, message.AppendUint64(nil, v.Key), func(reply []byte) error {
		d := message.NewReader(reply)
		h.same, h.stage, h.held = d.Byte() == 1, int32(d.Byte()), d.Partitions(s.node.partitions)
		return d.End()
	})
	if err != nil {
		s.node.log.Debug("holdings", "peer", name.ID, "error", err)
		return holdingsOf{}
	}
	h.answered = true
	s.learn(h)
	return h
}

func (s *steward) note(r *round, name link.Name, h holdingsOf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.formed = r.formed || h.stage == formed
	for _, p := range h.held {
		if _, came := r.pushed[p][name]; !came {
			add(r.listed, p, name)
		}
	}
}

func add(m map[int]map[link.Name]struct{}, p int, name link.Name) {
	if m[p] == nil {
		m[p] = make(map[link.Name]struct{})
	}
	m[p][name] = struct{}{}
}

// serve begins to serve a partition if nothing of it is still to come, and gives it its backup: not before, since the copy there, which
// is replaced, may be the last one of what is still to come. It says whether a copy was promoted.
func (s *steward) serve(r *round, partition int) (promoted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.node
	if s.round != r || n.view.Load() != r.view || !r.asked || len(r.listed[partition]) > 0 || r.stood != s.standing.Load() {
		return false
	}
	role := n.host.Role(partition)
	if role != host.Serving {
		s.start(r, partition, role)
	}
	n.replica.Assign(partition, s.backup(r.view, partition))
	r.backed[partition] = true
	if r.stood != s.standing.Load() {
		n.host.Hold(partition)
	}
	return role == host.Copy
}

func (s *steward) start(r *round, partition int, role host.Role) {
	if _, missed := s.missed[partition]; missed && role == host.Held && len(r.pushed[partition]) == 0 {
		s.node.host.Miss(partition)
	}
	delete(s.missed, partition)
	delete(r.pushed, partition)       // if it is asked for again, what comes then counts
	s.node.replica.Release(partition) // what the backup had before this node lost sight of it may be less, or another's: it is filled
	switch {
	case role == host.Absent && r.formed: // somebody may be there who isn't known
		s.counters.lost.Add(1)
		s.node.host.Warm(partition)
	case s.doubting():
		s.node.host.Doubt(partition)
	default:
		s.node.host.Serve(partition)
	}
	if role == host.Copy {
		s.counters.promoted.Add(1)
	}
}

// refillLater tells backups, when everybody has had the time to beat, who did: a copy that is promoted a second time lets the
// others go.
func (s *steward) refillLater(partitions []int) {
	after := s.node.settings.HeartbeatInterval + s.node.settings.Grace
	time.AfterFunc(after, func() { s.node.replica.Refill(partitions) })
}

// holdings answers ask: what this node holds of what the asker owns.
func (s *steward) holdings(_ context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	n := s.node
	key := d.Uint64()
	if err := d.End(); err != nil {
		return nil, err
	}
	v := n.view.Load()
	if v.Key != key || v.Table == nil {
		return message.AppendPartitions([]byte{0, 0}, nil), nil
	}
	var held []int
	for p := range n.partitions {
		if owner, _ := v.Owner(p); owner == from && n.steward.owes(v, p, n.host.Role(p)) {
			held = append(held, p)
		}
	}
	return message.AppendPartitions([]byte{1, byte(n.steward.stage.Load())}, held), nil
}

// owes says whether what is here of a partition that somebody else owns is more than a copy that its owner keeps: this node's own,
// or the copy of an owner that has gone, or that was left out, which may be the last one, or the last that a way leads to, even if it
// doesn't follow any more.
func (s *steward) owes(v *view.View, partition int, role host.Role) bool {
	switch role {
	case host.Serving, host.Held:
		return true
	case host.Copy:
		source, _ := s.node.host.Source(partition)
		return !v.IsThere(source)
	default:
		return false
	}
}

// pushAll pushes what belongs to others, to all owners at once.
func (s *steward) pushAll(ctx context.Context, v *view.View) {
	leaving := make(map[link.Name][]int)
	for p := range s.node.partitions {
		if owner, _ := v.Owner(p); owner != s.node.name && s.owes(v, p, s.node.host.Role(p)) {
			leaving[owner] = append(leaving[owner], p)
		}
	}
	s.setPushing(leaving)
	s.standDown(v, leaving)
	var all sync.WaitGroup
	for owner, partitions := range leaving {
		all.Go(func() {
			if !s.agrees(ctx, v, owner) {
				return // what is served here is served on
			}
			start := time.Now()
			err := s.push(ctx, v, owner, partitions)
			s.node.log.Info("handed over", "peer", owner.ID, "partitions", len(partitions), "after", time.Since(start).Round(time.Millisecond), "error", err)
		})
	}
	all.Wait()
}

func (s *steward) setPushing(leaving map[link.Name][]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushing = 0
	for _, partitions := range leaving {
		s.pushing += len(partitions)
	}
}

// agrees waits a while for an owner to see the same members, so that it will take what is pushed to it.
func (s *steward) agrees(ctx context.Context, v *view.View, owner link.Name) bool {
	ctx, cancel := context.WithTimeout(ctx, agreeTimeout)
	defer cancel()
	differs := s.whoDiffers(owner)
	for ctx.Err() == nil {
		h := s.askOne(ctx, v, owner)
		if h.same {
			return true
		}
		if h.answered {
			differs()
		}
		pause(ctx, askAgain)
	}
	return false
}

// standDown has a node that is left out of the ring answer for nothing any more, before it has
// pushed what it holds, and also if it can't: the owners have copies, and hear heartbeats that it
// doesn't hear.
func (s *steward) standDown(v *view.View, leaving map[link.Name][]int) {
	if !v.IsOut(s.node.name) {
		return
	}
	for _, partitions := range leaving {
		for _, p := range partitions {
			s.node.host.Hold(p)
			s.node.replica.Release(p)
			s.mu.Lock()
			s.missed[p] = struct{}{}
			s.mu.Unlock()
		}
	}
}

// push hands partitions to their owner, a batch at a time. What isn't taken is pushed again later.
func (s *steward) push(ctx context.Context, v *view.View, owner link.Name, partitions []int) error {
	for len(partitions) > 0 {
		stood := s.standing.Load()
		b, served := s.pack(v, partitions)
		taken, err := s.sendPush(ctx, owner, b)
		if err == nil && len(taken) != len(served) {
			err = fmt.Errorf("%w: %d answers for %d partitions", message.ErrDamaged, len(taken), len(served))
		}
		if err != nil {
			return err // it may have been taken: what was served is held
		}
		for i, t := range taken {
			if t == 1 {
				s.pushed(partitions[i], owner)
			} else if served[i] {
				s.serveOn(v, stood, partitions[i])
			}
		}
		partitions = partitions[len(served):]
	}
	return nil
}

// pushed follows the answer that an owner has taken a partition.
func (s *steward) pushed(partition int, owner link.Name) {
	s.node.host.Yield(partition, view.SourceOf(owner))
	s.counters.handedOver.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushing--
	delete(s.missed, partition)
}

// serveOn serves what the owner refused, and was served before, without acknowledging anything: who asks is answered, by the only one
// who can. Under another view, or after a stop, there may be somebody else.
func (s *steward) serveOn(v *view.View, stood int64, partition int) {
	fits := func() bool { return s.node.view.Load() == v && s.standing.Load() == stood }
	if !fits() {
		return
	}
	if s.node.host.Serve(partition); !fits() {
		s.node.host.Hold(partition)
	}
}

// pack seals the first of the partitions, and writes a message of their snapshots; served says of each whether it was served.
func (s *steward) pack(v *view.View, partitions []int) (b []byte, served []bool) {
	b = message.AppendUint64(nil, v.Key)
	for i := 0; i < len(partitions) && len(b) < message.MaxBatch; i++ {
		p := partitions[i]
		served = append(served, s.node.host.Role(p) == host.Serving)
		s.node.host.Hold(p)
		s.node.replica.Release(p)
		s.node.host.Claim(p)
		snapshot, whole := s.node.host.Snapshot(p)
		b = codec.AppendBytes(append(message.AppendUint16(b, p), message.Bool(whole)), snapshot)
	}
	return b, served
}

func (s *steward) sendPush(ctx context.Context, owner link.Name, b []byte) (taken []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, bulkTimeout)
	defer cancel()
	err = s.node.caller.Call(ctx, owner, link.Bulk, message.OpTake, b, func(reply []byte) error {
		taken = append(taken, reply...)
		return nil
	})
	return taken, err
}

// takePush is the owner's side: it merges what it owns, under the same key, and says of each whether it did.
func (s *steward) takePush(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	n := s.node
	key := d.Uint64()
	v := n.view.Load()
	var reply []byte
	for d.Left() > 0 {
		partition, whole, snapshot := d.Partition(n.partitions), d.Byte() == 1, d.Bytes()
		if d.Err() != nil {
			break
		}
		owner, ok := v.Owner(partition)
		taken := ok && v.Key == key && owner == n.name
		if taken {
			taken = n.steward.take(v, from, partition, snapshot, whole)
		}
		reply = append(reply, message.Bool(taken))
	}
	_ = n.store.Sync(ctx) // a disk that fails is no reason to leave it where somebody wants to get rid of it
	return reply, d.Err()
}

func (s *steward) take(v *view.View, from link.Name, partition int, snapshot []byte, whole bool) bool {
	if err := s.merge(from, partition, snapshot, whole); err != nil {
		s.refuse("hand-off", partition, from, err)
		return false
	}
	if r := s.came(v, from, partition); r != nil {
		s.serve(r, partition)
	}
	return true
}

// came notes a push in the round under v; nil: there is another view by now, whose round must not end for it.
func (s *steward) came(v *view.View, from link.Name, partition int) *round {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node.view.Load() != v {
		return nil
	}
	r := s.current(v)
	add(r.pushed, partition, from)
	delete(r.listed[partition], from)
	return r
}

func (s *steward) merge(from link.Name, partition int, snapshot []byte, whole bool) error {
	s.copies.RLock()
	defer s.copies.RUnlock()
	if err := s.node.host.Merge(partition, view.SourceOf(from), snapshot, whole); err != nil {
		return err
	}
	s.node.store.Save(partition)
	return nil
}

// TakeReplica takes what an owner sends to its backup, if both are that in this node's eyes; else the owner sends it again, when it or
// this node has come to see who is there. What this node owes the owner is not replaced before the owner has it.
func (s *steward) TakeReplica(from link.Name, number uint64, r replica.Shipment) bool {
	partition := r.Partition
	s.copies.RLock()
	defer s.copies.RUnlock()
	o := &s.arrived[partition]
	o.mu.Lock()
	defer o.mu.Unlock()
	n := s.node
	v := n.view.Load()
	if owner, _ := v.Owner(partition); owner != from || s.backup(v, partition) != n.name || s.owes(v, partition, n.host.Role(partition)) {
		return false
	}
	if !o.follows(from, number) {
		return false
	}
	var err error
	if r.Kind == replica.Records {
		if err = n.host.Apply(partition, view.SourceOf(from), r.Bytes); err == nil {
			n.store.Records(partition, r.Bytes)
		}
	} else if err = n.host.Fill(partition, view.SourceOf(from), r.Bytes, r.Kind == replica.Whole); err == nil {
		n.store.Snapshot(partition, r.Bytes, r.Kind == replica.Whole)
	}
	if err != nil && !errors.Is(err, host.ErrNoCopy) { // without a copy it asks for everything
		s.refuse("copy", partition, from, err)
	}
	return err == nil
}

// arrival is the latest that an owner sent of a partition. A call that was given up, and sent again, may still arrive: after the other
// one it would undo it.
type arrival struct {
	mu     sync.Mutex
	from   link.Name
	number uint64
}

// follows notes a shipment, unless it was sent before the latest. a.mu is held.
func (a *arrival) follows(from link.Name, number uint64) bool {
	if a.from == from && number < a.number {
		return false
	}
	a.from, a.number = from, number
	return true
}

// refuse notes that state from another node cannot be taken.
func (s *steward) refuse(what string, partition int, from link.Name, err error) {
	s.counters.refused.Add(1)
	s.node.log.Error(what+" refused", "partition", partition, "peer", from.ID, "error", err)
}

// moving is how many partitions are on their way to or from this node.
func (s *steward) moving() int {
	v := s.node.view.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.Table == nil {
		return s.pushing
	}
	return s.pushing + len(s.wanted(v))
}

// tidy looks after the copies that don't follow. Those that nobody needs are dropped: this node isn't their backup, and their owner says
// that the backup has all. Of the others their owner is asked to send everything. It returns how many are left to be dropped.
func (s *steward) tidy(ctx context.Context, v *view.View) (left int) {
	extra, behind := make(map[link.Name][]int), make(map[link.Name][]int)
	for p := range s.node.partitions {
		owner, ok := v.Owner(p)
		role := s.node.host.Role(p)
		if !ok || owner == s.node.name || role != host.Copy || s.owes(v, p, role) {
			continue
		}
		if s.backup(v, p) != s.node.name {
			extra[owner] = append(extra[owner], p)
		} else if _, follows := s.node.host.Source(p); !follows {
			behind[owner] = append(behind[owner], p)
		}
	}
	var all sync.WaitGroup
	var kept atomic.Int64
	for owner, partitions := range extra {
		all.Go(func() { kept.Add(int64(s.dropSettled(ctx, v, owner, partitions))) })
	}
	for owner, partitions := range behind {
		all.Go(func() { s.askPartitions(ctx, v, owner, message.OpBehind, partitions) })
	}
	all.Wait()
	return int(kept.Load())
}

// dropSettled drops the copies whose owner says that its backup has all, and returns how many are left.
func (s *steward) dropSettled(ctx context.Context, v *view.View, owner link.Name, partitions []int) (left int) {
	for i, settled := range s.askPartitions(ctx, v, owner, message.OpSettled, partitions) {
		if settled != 1 || !s.dropCopy(v, partitions[i]) {
			left++
		}
	}
	return left
}

// dropCopy drops a copy that doesn't follow, unless there is another view by now, under which it may be wanted.
func (s *steward) dropCopy(v *view.View, partition int) bool {
	s.copies.Lock()
	defer s.copies.Unlock()
	if s.node.view.Load() != v || !s.node.host.DropCopy(partition) {
		return false
	}
	s.node.store.Forget(partition)
	return true
}

// askPartitions asks an owner for a yes or no about each of some partitions; without an answer it is no.
func (s *steward) askPartitions(ctx context.Context, v *view.View, owner link.Name, op byte, partitions []int) []byte {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	out := make([]byte, len(partitions))
	err := s.node.caller.Call(ctx, owner, link.Bulk, op, message.AppendPartitions(message.AppendUint64(nil, v.Key), partitions), func(reply []byte) error {
		copy(out, reply)
		return nil
	})
	if err != nil {
		s.node.log.Debug("no answer about partitions", "peer", owner.ID, "op", op, "error", err)
	}
	return out
}

// aboutPartitions answers askPartitions; under another key than the asker's it says no.
func (s *steward) aboutPartitions(d *message.Reader, yes func(v *view.View, partition int) bool) ([]byte, error) {
	n := s.node
	key, partitions := d.Uint64(), d.Partitions(n.partitions)
	if err := d.End(); err != nil {
		return nil, err
	}
	v := n.view.Load()
	reply := make([]byte, len(partitions))
	for i, p := range partitions {
		reply[i] = message.Bool(v.Key == key && n.host.Role(p) == host.Serving && yes(v, p))
	}
	return reply, nil
}

// answerSettled says of which partitions all is settled.
func (s *steward) answerSettled(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
	return s.aboutPartitions(d, s.isSettled)
}

// isSettled says whether all is here, and the backup that v names has it.
func (s *steward) isSettled(v *view.View, partition int) bool {
	return s.node.host.Whole(partition) && s.node.replica.InMemoryAt(partition, s.backup(v, partition))
}

// answerBehind has everything sent to a backup whose copy doesn't follow, once it can be whole.
func (s *steward) answerBehind(_ context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	return s.aboutPartitions(d, func(_ *view.View, partition int) bool {
		again := s.node.replica.Backup(partition) == from && s.node.host.Whole(partition)
		if again {
			s.node.replica.Refill([]int{partition})
		}
		return again
	})
}

// empty waits until this node, which is draining, holds nothing that others lack.
func (s *steward) empty(ctx context.Context) error {
	for {
		poke(s.wake)
		v := s.node.view.Load()
		left := 0
		for p := range s.node.partitions {
			if s.owes(v, p, s.node.host.Role(p)) {
				left++
			}
		}
		if left > 0 && !v.AnyServes() {
			return nil // there is nobody to hand it to
		}
		if left == 0 {
			left = s.tidy(ctx, v)
		}
		if left == 0 {
			return nil
		}
		pause(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("%d partitions were not handed over: %w", left, ctx.Err())
		}
	}
}
