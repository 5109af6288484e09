package cluster

import (
	"context"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// group is what of a batch goes to one node: the numbers of its items.
type group struct {
	at    link.Name
	items []int
}

// each runs f for 0 to n-1, on a few goroutines if there is more than one.
func each(n, parallel int, f func(i int)) {
	if n == 1 {
		f(0)
		return
	}
	slots := make(chan struct{}, parallel)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			f(i)
			<-slots
		})
	}
	all.Wait()
}

// split groups items by who find names. What nobody can be asked about is in no group.
func (n *Node) split(v *view.View, items []int, id func(i int) string, find view.Finder) []group {
	groups := make([]group, len(v.Members)) // by place
	for _, i := range items {
		place, ok := find(n.partitionOf(id(i)))
		if !ok {
			continue
		}
		g := &groups[place]
		if g.items == nil {
			g.at, g.items = v.Members[place].Name, make([]int, 0, len(items)/len(v.Members)+1)
		}
		g.items = append(g.items, i)
	}
	for place := range groups {
		if groups[place].items != nil && !n.reachable(v, place) {
			groups[place].items = nil
		}
	}
	return slices.DeleteFunc(groups, func(g group) bool { return g.items == nil })
}

// spread carries out a batch of n items: all nodes are asked at once, and what one didn't do is tried again at the next that finders
// name, until all is done or ctx ends. do carries out the items of a group and says of each whether it is done. Those that were never
// done are returned.
func (n *Node) spread(ctx context.Context, count int, id func(i int) string, finders func(v *view.View) []view.Finder, do func(ctx context.Context, g group) []bool) []int {
	left := make([]int, count)
	for i := range left {
		left[i] = i
	}
	for wait := firstPause; len(left) > 0; wait = min(2*wait, lastPause) {
		v := n.view.Load()
		for _, find := range finders(v) {
			if left = n.pass(ctx, v, left, id, find, do); len(left) == 0 {
				return nil
			}
		}
		waitFor(ctx, v, wait)
		if ctx.Err() != nil {
			break
		}
	}
	return left
}

// pass asks once, and returns what is left.
func (n *Node) pass(ctx context.Context, v *view.View, items []int, id func(i int) string, find view.Finder, do func(ctx context.Context, g group) []bool) []int {
	groups := n.split(v, items, id, find)
	answers := make([][]bool, len(groups))
	each(len(groups), len(groups)+1, func(i int) { answers[i] = do(ctx, groups[i]) })
	finished := 0
	done := make([]bool, items[len(items)-1]+1) // they ascend
	for i, g := range groups {
		for j, ok := range answers[i] {
			if ok {
				done[g.items[j]] = true
				finished++
			}
		}
	}
	if finished == len(items) {
		return nil
	}
	return slices.DeleteFunc(items, func(i int) bool { return done[i] })
}

// alone says whether there is nobody else to ask.
func (n *Node) alone() bool { return len(n.view.Load().Links()) == 0 }

// Heartbeats applies signs of life by name. errs has the length of beats; errs[i] becomes nil or says why the i-th was
// refused.
func (n *Node) Heartbeats(ctx context.Context, beats []Heartbeat, errs []error) {
	outcomes := make([]shard.Outcome, len(beats))
	if !n.alone() || !n.heartbeatsHere(ctx, beats, outcomes) {
		id := func(i int) string { return beats[i].Participant }
		for _, i := range n.spread(ctx, len(beats), id, view.Writers, func(ctx context.Context, g group) []bool {
			return n.beatGroup(ctx, g, beats, outcomes)
		}) {
			outcomes[i] = shard.NotMine
		}
	}
	for i, o := range outcomes {
		errs[i] = errorOf(o)
	}
}

func (n *Node) beatGroup(ctx context.Context, g group, beats []Heartbeat, outcomes []shard.Outcome) []bool {
	mine := make([]Heartbeat, len(g.items))
	for j, i := range g.items {
		mine[j] = beats[i]
	}
	out := make([]shard.Outcome, len(mine))
	if g.at == n.name {
		n.heartbeatsHere(ctx, mine, out)
	} else if err := n.askHeartbeats(ctx, g.at, mine, out); err != nil {
		return nil
	}
	done := make([]bool, len(mine))
	for j, i := range g.items {
		outcomes[i] = out[j]
		done[j] = out[j] != shard.NotMine
	}
	return done
}

// heartbeatsHere applies heartbeats, and waits a moment for the backups of what has changed by
// them. It reports whether all were of partitions that are served here.
func (n *Node) heartbeatsHere(ctx context.Context, beats []Heartbeat, outcomes []shard.Outcome) (all bool) {
	changed := n.host.Heartbeats(beats, outcomes)
	all = !slices.Contains(outcomes, shard.NotMine)
	if len(changed) == 0 {
		return all
	}
	ctx, cancel := context.WithTimeout(ctx, flipWait)
	defer cancel()
	for _, p := range changed {
		if n.replica.WaitFlip(ctx, p) == replica.Missed {
			break
		}
	}
	return all
}

func (n *Node) askHeartbeats(ctx context.Context, at link.Name, beats []Heartbeat, outcomes []shard.Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	b := message.AppendUint32(make([]byte, 0, 40*len(beats)), len(beats))
	for i := range beats {
		b = append(codec.AppendText(codec.AppendText(b, beats[i].Participant), beats[i].Device), byte(beats[i].Activity))
	}
	return n.call(ctx, at, link.Hot, message.OpHeartbeats, b, func(reply []byte) error {
		if len(reply) != len(outcomes) {
			return message.ErrDamaged
		}
		for i, o := range reply {
			outcomes[i] = shard.Outcome(o)
		}
		return nil
	})
}

// notHere is what a node answers in place of a state of what it neither serves nor copies.
const notHere shard.State = 0xff

// States answers what viewer sees of each id, and how many owners could not be asked; an empty viewer is a stranger.
// states has the length of ids.
func (n *Node) States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int) {
	if n.alone() && n.host.States(viewer, ids, states, shard.Unknown) == 0 {
		return 0
	}
	id := func(i int) string { return ids[i] }
	left := n.spread(ctx, len(ids), id, view.Readers, func(ctx context.Context, g group) []bool {
		return n.stateGroup(ctx, g, viewer, ids, states)
	})
	for _, i := range left {
		states[i] = shard.Unknown
	}
	return len(left)
}

func (n *Node) stateGroup(ctx context.Context, g group, viewer string, ids []string, states []shard.State) []bool {
	mine := make([]string, len(g.items))
	for j, i := range g.items {
		mine[j] = ids[i]
	}
	answer, err := n.statesAt(ctx, g.at, viewer, mine)
	if err != nil {
		return nil
	}
	done := make([]bool, len(mine))
	for j, i := range g.items {
		if done[j] = shard.State(answer[j]) != notHere; done[j] {
			states[i] = shard.State(answer[j])
		}
	}
	return done
}

func (n *Node) statesAt(ctx context.Context, at link.Name, viewer string, ids []string) (answer []byte, err error) {
	if at == n.name {
		return n.statesHere(viewer, ids), nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	b := codec.AppendText(make([]byte, 0, 30*len(ids)), viewer)
	err = n.call(ctx, at, link.Hot, message.OpStates, message.AppendTexts(b, ids), func(reply []byte) error {
		answer = append(answer, reply...)
		return nil
	})
	if err == nil && len(answer) != len(ids) {
		err = message.ErrDamaged
	}
	return answer, err
}

func (n *Node) statesHere(viewer string, ids []string) []byte {
	states := make([]shard.State, len(ids))
	n.host.States(viewer, ids, states, notHere)
	answer := make([]byte, len(ids))
	for i, s := range states {
		answer[i] = byte(s)
	}
	return answer
}
