package many

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/compat"
)

// TestUpgrade takes three nodes of the release before to this version, one by one, and back, under
// load. Nobody is shown offline or unknown, and what was acknowledged by nodes of either version is
// there at all of them. So each hand-off, each pair of owner and backup and each way of a gateway
// to an owner is between the two once in each direction. A node that is only a gateway comes to
// three of the other version. Then nodes are killed: the backup of one version takes over from an
// owner of the other, and each starts with what the other wrote.
//
// What only this version knows is said while all nodes are of it. With a node of the release before
// among them nothing more of that can be said or asked for. All of it stands again when all nodes
// are of this version again, until its own end.
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
	u.sayBrief()
	u.roll("going back", before)
	u.newerRest("after going back")
	u.gateway("a gateway of this version", binary)

	u.kill(u.f.nodes[2], binary) // its copies are promoted by nodes of its own version
	u.kill(u.f.nodes[0], binary) // some of its copies by a node of the other
	u.kill(u.f.nodes[2], before) // and the other way round
	u.powerCut(binary, before, binary)
	u.powerCut(before, binary, before)
	u.roll("coming again", binary)
	u.newerStand("after coming again")
	u.briefEnds("after coming again")
	u.writes.stand(t)
}

// upgrade is a cluster with data directories under load, and what was acknowledged in it.
type upgrade struct {
	t      *testing.T
	f      *fleet
	c      *crowd
	writes *writes
	promised
	newer newer
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
	u.newerAreRefused(what)
	if u.f.nodes[0].binary == binary {
		u.newerLook(what, newerStates)
	} else {
		u.newerLook(what, formerStates)
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
