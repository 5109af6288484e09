package many

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// slow and silent are how long a write that can't be done may wait until it is refused. A backup
// that answers, and takes too long, is known to within a second. One that is silent may be dead, and
// then another one comes, for which writes wait as long as they wait for an owner.
const (
	slow   = time.Second
	silent = 5 * time.Second
)

// backups are the ways in which a backup can fail those who wait for it, and how soon writes are
// refused then.
var backups = []struct {
	name    string
	refused time.Duration
	fail    func(t *testing.T, w *waiting) (mend func())
}{
	{"hangs", silent, func(_ *testing.T, w *waiting) func() {
		w.backup.signal(syscall.SIGSTOP)
		return func() { w.backup.signal(syscall.SIGCONT) }
	}},
	{"has no links", silent, func(_ *testing.T, w *waiting) func() {
		w.n.unlink(2, 0)
		w.n.unlink(2, 1)
		return func() { w.n.mend(3) }
	}},
	{"can't be reached by one", silent, func(_ *testing.T, w *waiting) func() {
		w.n.unlink(2, 1)
		return func() { w.n.mend(3) }
	}},
	{"has a slow disk", slow, func(t *testing.T, w *waiting) func() {
		return w.disk.slow(t, w.backup, 5*time.Second)
	}},
}

// waiting is a cluster with disks. The third node fails: nobody connects to it. The crowd is the
// first one's: the second may be left out of the ring in place of the third, and those whom it owned
// wait until they are handed over.
type waiting struct {
	grey
	n      *network
	f      *fleet
	disk   *slowDisk
	backup *node
	c      *crowd
	posts  []*post
}

func newWaiting(t *testing.T) *waiting {
	t.Helper()
	w := &waiting{grey: greySize(t), n: newNetwork(t, 3), disk: newSlowDisk(t)}
	w.n.withFirewall(t, 3)
	dirs, seeds := t.TempDir(), credentials(t, hostIDs(3)...)
	w.f = &fleet{t: t}
	for i := range 3 {
		w.f.seeds = append(w.f.seeds, w.n.peer(i)+":7946")
	}
	t.Cleanup(w.f.end)
	for i, id := range hostIDs(3) {
		nd := w.n.node(i, id, seeds, 0, w.flags(i)...)
		if i < 2 {
			nd.flags = append(nd.flags, fmt.Sprintf("--data-dir=%s/%d", dirs, i))
		} else {
			w.disk.give(nd)
		}
		w.f.take(nd)
	}
	w.f.agree(3)
	w.backup = w.f.nodes[2]
	w.backup.still.Store(true)
	at := placesOf(w.f.nodes)
	var ids []string
	for _, id := range people(5 * w.people) {
		if owner, _ := at.of(id); owner == w.f.nodes[0].id && len(ids) < w.people {
			ids = append(ids, id)
		}
	}
	w.c = newCrowdOf(t, w.f, ids, w.beats, w.deadline())
	w.posts = w.c.posts(t, w.f.nodes[:2])
	return w
}

// TestWritesThatWait: what waits for a backup that fails holds nothing that others need. Beats and
// reads of those whom other nodes keep are as fast as before, and writes that can't be done are
// refused soon.
func TestWritesThatWait(t *testing.T) {
	messages, overrides, lasts := 200, 900, 10*time.Second
	if full() {
		messages, overrides, lasts = 800, 3500, time.Minute
	}
	for _, b := range backups {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			w := newWaiting(t)
			load := newBurden(t, w.f.nodes, messages, overrides)
			time.Sleep(pace)
			w.measure(t, "before", load, 3*time.Second, slow)
			var before []time.Duration
			for _, p := range w.posts {
				before = append(before, quantile(p.took(), 0.99))
			}
			mend := b.fail(t, w)
			w.measure(t, "a backup that "+b.name, load, lasts, b.refused)
			beats := w.c.beatsTook()
			// it is tried at two nodes, and the machine may take its time from each
			w.c.control.within(t, "the slowest heartbeat, with all its tries", quantile(beats, 1), 2*time.Second)
			w.c.control.withinAt(t, "heartbeats, with all their tries", beats, 0.99, time.Second)
			for i, p := range w.posts {
				w.c.control.withinAt(t, "questions at "+p.nd.id, p.took(), 0.99, 2*before[i])
			}
			load.end()
			mend()
			t.Logf("agreed %v after the end", w.f.agree(3).Round(time.Millisecond))
			w.c.await()
		})
	}
}

// measure counts for a while, in which writes that can't be done are to be refused so soon.
func (w *waiting) measure(t *testing.T, what string, load *burden, lasts, refused time.Duration) {
	t.Helper()
	w.c.begin()
	load.begin()
	for _, p := range w.posts {
		p.begin()
	}
	time.Sleep(lasts)
	w.awaitEnough(t, load)
	w.c.report(what, true)
	load.report(t, w.c.control, refused)
	for _, p := range w.posts {
		p.report(t, true)
	}
}

// awaitEnough waits until there is something to judge by: a busy machine takes its time.
func (w *waiting) awaitEnough(t *testing.T, load *burden) {
	t.Helper()
	waitUntil(t, "something is written", load.enough)
	awaitAsked(t, w.posts)
}
