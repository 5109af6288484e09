package many

import (
	"strings"
	"testing"
	"time"
)

// TestCertificatesExpire has all certificates between nodes end under load, and gives one node a
// new one that the others don't trust. Nobody notices, as the links that there are go on, until one
// breaks and can't be made again. Then it is as if it was cut. Good certificates mend everything.
func TestCertificatesExpire(t *testing.T) {
	t.Parallel()
	w := &world{grey: greySize(t), n: newNetwork(t, 3)}
	w.n.withFirewall(t, 3)
	good, foreign := newAuthority(t), newAuthority(t)
	until := time.Now().Add(15 * time.Second)
	good.issue(t, until, hostIDs(3)...)
	w.open(t, hostedWith(t, w.n, good.dir, 3, w.flags))
	w.balance(t) // or who drops an unanswered socket comes back to a node that can't answer, for longer than a linger
	time.Sleep(time.Until(until.Add(time.Second)))

	w.begin(0)
	foreign.dir = good.dir
	foreign.issue(t, time.Now().Add(time.Hour), "n3") // nobody trusts it
	time.Sleep(min(w.lasts, time.Minute) / 3)
	for _, nd := range w.f.nodes {
		if err := nd.ready(); err != nil {
			t.Errorf("with all certificates expired: %v", err)
		}
	}
	w.report(t, "all certificates expired", w.f.nodes...)
	t.Logf("%d streams between n2 and n3", w.n.streams(1, 2))
	if w.n.streams(1, 2) == 0 {
		t.Error("the links between n2 and n3 didn't outlive their certificates")
	}

	w.begin(settled)
	w.n.breakStreams(1, 2)
	time.Sleep(w.lasts)
	w.report(t, "all certificates expired, the links between n2 and n3 broken", w.f.nodes...)
	// An attempt is a stream, too, for as long as it takes to be refused; a link stays.
	waitUntil(t, "n2 and n3 have no link, with certificates that have expired",
		func() bool { return w.n.streams(1, 2) == 0 })
	for _, nd := range w.f.nodes[1:] {
		if !strings.Contains(nd.logs.String(), "certificate") {
			t.Errorf("the log of %s says nothing of certificates", nd.id)
		}
	}

	if full() {
		w.begin(settled)
		w.n.breakStreams(0, 2)
		time.Sleep(w.lasts)
		w.report(t, "all certificates expired, all links of n3 broken", w.f.nodes[:2]...)
	}
	good.issue(t, time.Now().Add(time.Hour), hostIDs(3)...)
	w.heal(t)
	w.load.stand(t)
}
