package many

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/compat"
)

// TestUpgrade takes three nodes of the release before to this version, one by one, and back, under
// load. Nobody is shown offline or unknown, and what was acknowledged by nodes of either version is
// there at all of them. So each hand-off, each pair of owner and backup and each way of a gateway
// to an owner is between the two once in each direction. A node that is only a gateway comes to
// three of the other version. Then nodes are killed: the backup of one version takes over from an
// owner of the other, and each starts with what the other wrote.
//
// What only this version knows is said while all nodes are of it. With a gateway of the release
// before among them nothing of that is said or shown, and nothing is lost. Going back loses it, and
// coming again finds some: what is shown is then what is known.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	before, err := compat.Build(t.Context())
	if errors.Is(err, compat.ErrNoHistory) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	u := newUpgrade(t, before)
	u.roll("upgrade", binary)
	u.sayNewer()
	u.newerStand("after the upgrade")
	u.gateway("a gateway of the release before", before)
	u.newerStand("after a gateway of the release before")
	u.roll("going back", before)
	u.gateway("a gateway of this version", binary)

	u.kill(u.f.nodes[2], binary) // its copies are promoted by nodes of its own version
	u.kill(u.f.nodes[0], binary) // some of its copies by a node of the other
	u.kill(u.f.nodes[2], before) // and the other way round
	u.powerCut(binary, before, binary)
	u.powerCut(before, binary, before)
	u.roll("coming again", binary)
	u.newerAreRight("after coming again")
	u.sayNewer()
	u.newerStand("said again")
	u.writes.stand(t)
}

// upgrade is a cluster with data directories under load, and what was acknowledged in it.
type upgrade struct {
	t      *testing.T
	f      *fleet
	c      *crowd
	writes *writes
	facts  []fact
	people []string // of facts, who need a device
	newer  newer
}

func newUpgrade(t *testing.T, before string) *upgrade {
	t.Helper()
	dirs := t.TempDir()
	f := &fleet{t: t, binary: before, flags: append([]string{
		"--participant-rate=100000", "--participant-ids-rate=1000000", "--connection-rate=100000",
	}, timings()...)}
	t.Cleanup(f.end)
	for i := range 3 {
		f.add(fmt.Sprintf("--data-dir=%s/%d", dirs, i))
	}
	f.agree(3)
	u := &upgrade{t: t, f: f, c: newCrowd(t, f, interval), writes: newWrites(t, f.nodes, 5)}
	u.promise()
	return u
}

// roll restarts the nodes one by one with a program.
func (u *upgrade) roll(what, program string) {
	u.t.Helper()
	u.c.begin()
	for _, nd := range u.f.nodes {
		u.f.leave(nd)
		nd.binary = program
		u.f.start(nd)
		u.f.agree(3)
		u.promise()
		u.kept()
	}
	time.Sleep(2 * time.Second)
	u.c.report(what, false)
}

// gateway has a gateway of a program beside the nodes for a while.
func (u *upgrade) gateway(what, program string) {
	u.t.Helper()
	u.c.begin()
	u.f.binary = program
	nd := u.f.add("--role=gateway")
	u.f.agree(4)
	if program != binary && u.f.nodes[0].binary == binary {
		u.newerAreRefused(what, u.f.nodes[0])
	}
	u.promise()
	u.kept()
	u.f.leave(nd)
	u.f.nodes = u.f.nodes[:3]
	u.f.agree(3)
	u.c.report(what, false)
}

// kill kills a node, and starts it again with a program.
func (u *upgrade) kill(nd *node, program string) {
	u.t.Helper()
	nd.signal(syscall.SIGKILL)
	<-nd.gone
	u.f.agree(2)
	nd.binary = program
	u.f.start(nd)
	u.f.agree(3)
	u.promise()
	u.kept()
}

// powerCut kills all nodes, and starts them again with programs.
func (u *upgrade) powerCut(programs ...string) {
	u.t.Helper()
	for _, nd := range u.f.nodes {
		nd.signal(syscall.SIGKILL)
	}
	for i, nd := range u.f.nodes {
		<-nd.gone
		nd.binary = programs[i]
	}
	for _, nd := range u.f.nodes {
		u.f.start(nd)
	}
	u.f.agree(3)
	u.c.await() // who had a device is back with the next heartbeat
	u.kept()
	u.promise()
}

// fact is how a participant must look to a viewer while it has a device.
type fact struct{ id, viewer, state string }

// promise has facts of each kind acknowledged through each node, and remembers what follows.
func (u *upgrade) promise() {
	u.t.Helper()
	for i, nd := range u.f.nodes {
		id := func(name string) string { return fmt.Sprintf("%s-%d-%d", name, len(u.facts), i) }
		busy, hidden, friend, robot := id("busy"), id("hidden"), id("friend"), id("robot")
		override(u.t, nd, busy, "busy")
		override(u.t, nd, hidden, "appear_offline")
		u.store(nd, "PUT", "/v1/participants/"+robot, `{"kind":"model"}`)
		u.store(nd, "POST", "/v1/direct-messages",
			fmt.Sprintf(`{"direct_messages":[{"participants":[%q,%q]}]}`, hidden, friend))
		u.facts = append(u.facts, fact{robot, friend, "online"}, fact{busy, friend, "busy"},
			fact{hidden, friend, "online"}, fact{hidden, "stranger", "offline"})
		u.people = append(u.people, busy, hidden)
	}
}

// store has something acknowledged. What is refused because the machine is busy is sent again.
func (u *upgrade) store(nd *node, method, path, body string) {
	u.t.Helper()
	waitUntil(u.t, path+" at "+nd.id, func() bool {
		ctx, cancel := context.WithTimeout(u.t.Context(), answered)
		defer cancel()
		out, err := nd.call(ctx, method, "service", path, body)
		return err == nil && (method == "PUT" || strings.Contains(out, `"accepted":1`))
	})
}

// kept checks that everything that was promised is so, at one node after the other. A node that was
// killed may not know of somebody for a while; it must not say anything else.
func (u *upgrade) kept() {
	u.t.Helper()
	raw := load.BeatBody(u.people, "phone", "online")
	for i, f := range u.facts {
		nd := u.f.nodes[(i/4+len(u.facts)/12)%len(u.f.nodes)]
		var seen string
		waitUntil(u.t, f.id+" is known at "+nd.id, func() bool {
			if !u.c.beatOnce(u.t.Context(), u.c.healthy(), raw, len(u.people)) {
				return false
			}
			out, err := nd.call(u.t.Context(), "GET", f.viewer, "/v1/presence?ids="+f.id, "")
			seen = strings.TrimSpace(out)
			return err == nil && !strings.Contains(seen, "unknown")
		})
		if want := fmt.Sprintf(`{%q:%q}`, f.id, f.state); seen != want {
			u.t.Errorf("%s sees %s at %s, want %s", f.viewer, seen, nd.id, want)
		}
	}
}
