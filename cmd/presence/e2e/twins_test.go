package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestInvisibleIsOffline is the promise of appear_offline. Two participants
// whose ids are equally long lead the same life. When one goes invisible, the
// other really signs out; while the one is invisible it goes on living and the
// other does nothing; when the one comes back, the other signs in. Whatever a
// viewer without the exception receives about the two, byte for byte but for
// the ids, must be the same: frames and their order, answers, errors, headers.
func TestInvisibleIsOffline(t *testing.T) {
	t.Parallel()
	// Pongs are signs of life, too: with such an interval there are none that the test doesn't know
	// of.
	s := start(t, append(slices.Clone(calm.flags), "--heartbeat-interval=10m")...)
	for _, seed := range seeds(t, 5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			tw := newTwins(t, s, seed)
			for range 40 {
				tw.step(t)
			}
			tw.compareFeeds(t)
		})
	}
}

// seeds gives fixed ones and one that is new each time, or the one to replay.
func seeds(t *testing.T, n int) []uint64 {
	if v := os.Getenv("PRESENCE_E2E_SEED"); v != "" {
		seed, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return []uint64{seed}
	}
	all := []uint64{uint64(time.Now().UnixNano() % 1e9)}
	for i := 1; i < n; i++ {
		all = append(all, uint64(i))
	}
	return all
}

// twins are the two and those who look at them.
type twins struct {
	s       *server
	r       *rand.Rand
	hidden  *person // goes invisible
	control *person // signs out instead
	viewer  caller  // has no window, ever
	friend  caller  // gets direct messages
	window  bool    // between hidden and friend
	fence   *fence
	// What the viewer receives about each of the two, in the same order, and
	// what the friend receives about the hidden one.
	ofHidden, ofControl []*feed
	sockets             [2]*socket
	ofFriend            *feed
	frozen              string // the answer about hidden since it went invisible
	script              []string
}

func newTwins(t *testing.T, s *server, seed uint64) *twins {
	t.Logf("replay with PRESENCE_E2E_SEED=%d", seed)
	n := people.Add(1)
	tw := &twins{
		s: s, r: rand.New(rand.NewPCG(seed, 0)), fence: newFence(s),
		hidden:  newPerson(s, fmt.Sprintf("twin-x-%d", n)),
		control: newPerson(s, fmt.Sprintf("twin-c-%d", n)),
		viewer:  s.as(who("viewer")), friend: s.as(who("friend")),
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, %d steps:\n%s", seed, len(tw.script), strings.Join(tw.script, "\n"))
		}
	})
	tw.look(t)
	w := tw.friend.connect(t, "")
	w.watch(t, tw.hidden.c.token, tw.fence.id)
	tw.ofFriend = w.feed
	return tw
}

// look opens the viewer's sockets and streams, again when it has some.
func (tw *twins) look(t *testing.T) {
	t.Helper()
	open := func(i int, p *person) []*feed {
		tw.sockets[i] = tw.viewer.connect(t, "")
		tw.sockets[i].awaitType(t, "self")
		tw.sockets[i].want(t, "presence",
			obj{"type": "subscribe", "ids": []string{p.c.token, tw.fence.id}, "req": "look"})
		return []*feed{tw.sockets[i].feed, tw.viewer.events(t, idsQuery(p.c.token, tw.fence.id)).feed}
	}
	tw.ofHidden, tw.ofControl = open(0, tw.hidden), open(1, tw.control)
}

// step does one random thing, waits for all that it makes, and compares.
func (tw *twins) step(t *testing.T) {
	t.Helper()
	before, friendBefore := tw.hidden.visible(false), tw.hidden.visible(tw.window)
	was := tw.hidden.invisible()
	name, act := tw.draw(t)
	tw.script = append(tw.script, name)
	act(tw.hidden)
	switch is := tw.hidden.invisible(); {
	case is && !was:
		tw.control.leaveAll(t)
	case was && !is:
		tw.comeBack(t)
	case !is:
		act(tw.control)
	}
	now := tw.hidden.visible(false)
	if control := tw.control.visible(false); control != now {
		t.Fatalf("the test is wrong: %s is %s, %s is %s", tw.hidden.c.token, now, tw.control.c.token, control)
	}
	if now != before {
		for i := range tw.ofHidden {
			tw.ofHidden[i].awaitState(t, tw.hidden.c.token, now)
			tw.ofControl[i].awaitState(t, tw.control.c.token, now)
		}
	}
	if seen := tw.hidden.visible(tw.window); seen != friendBefore {
		tw.ofFriend.awaitState(t, tw.hidden.c.token, seen)
	}
	tw.fence.pass(t, slices.Concat(tw.ofHidden, tw.ofControl, []*feed{tw.ofFriend})...)
	tw.compareAnswers(t)
	tw.compareFeeds(t)
}

// draw picks what both may do. What only one does, it does at once.
func (tw *twins) draw(t *testing.T) (string, func(*person)) {
	device := []string{"phone", "laptop", "tablet"}[tw.r.IntN(3)]
	activity := []string{"online", "idle"}[tw.r.IntN(2)]
	goodbye := tw.r.IntN(2) == 0
	live := slices.Sorted(maps.Keys(tw.hidden.devices))
	switch n := tw.r.IntN(20); {
	case n < 2:
		return "batch " + device + " " + activity, func(p *person) { p.beatInBatch(t, device, activity) }
	case n < 5:
		return "beat " + device + " " + activity, func(p *person) { p.beat(t, device, activity) }
	case n < 8:
		return "connect " + device + " " + activity, func(p *person) { p.connect(t, device, activity) }
	case n < 11 && len(live) > 0:
		device = live[tw.r.IntN(len(live))]
		return fmt.Sprint("leave ", device, " goodbye ", goodbye), func(p *person) { p.leave(t, device, goodbye) }
	case n < 16:
		override := []string{"busy", "auto", "appear_offline", "appear_offline"}[tw.r.IntN(4)]
		return "override " + override, func(p *person) { p.set(t, override) }
	case n < 17:
		kind := []string{"human", "model", "human"}[tw.r.IntN(3)]
		tw.hidden.become(t, kind)
		tw.control.become(t, kind)
		return "kind " + kind, func(*person) {}
	case n < 18:
		tw.s.message(t, tw.hidden.c.token, tw.friend.token)
		tw.s.message(t, tw.control.c.token, tw.friend.token)
		tw.window = true
		return "direct message", func(*person) {}
	case n < 19:
		tw.look(t)
		return "look again", func(*person) {}
	}
	return "nothing", func(*person) {}
}

// comeBack makes control what hidden is again. Both show a fresh sign of life,
// because what hidden lived through in between is no secret any more.
func (tw *twins) comeBack(t *testing.T) {
	t.Helper()
	if len(tw.hidden.devices) == 0 {
		tw.hidden.beat(t, "phone", "online")
	}
	tw.control.set(t, tw.hidden.override)
	for _, device := range tw.hidden.awakeFirst() {
		activity := tw.hidden.devices[device]
		tw.hidden.beat(t, device, activity)
		if tw.hidden.sockets[device] != nil {
			tw.control.connect(t, device, activity)
		} else {
			tw.control.beat(t, device, activity)
		}
	}
}
