package many

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// stray is a node that does not find the cluster, by a mistake in its settings.
type stray struct {
	*node
	mistake string
	expects bool   // it was told how many nodes there are
	cause   string // what its log and /readyz must say

	seen  map[string]int // states of those whom it can't know
	knows bool           // a person who beats at it was online there
	ready bool           // it said so, once
	text  string         // the last that /readyz said
}

// mistakes gives nodes on the fourth host: each mistake, without and with --expect-nodes.
func mistakes(n *network, g grey, dir string) (all []*stray) {
	for i, m := range []struct{ mistake, cause, join, keys string }{
		{"a wrong gossip key", `(?i)\bkey`, n.peer(0) + ":7946", "wrong.keys"},
		{"seeds that don't resolve", `presence-1\.invalid`, "presence-1.invalid:7946", "gossip.keys"},
		{"a gossip port that nobody has", regexp.QuoteMeta(n.peer(0) + ":7999"), n.peer(0) + ":7999", "gossip.keys"},
	} {
		for j := range 2 {
			flags := append(g.flags(0), "--join="+m.join, "--gossip-key-file="+filepath.Join(dir, m.keys))
			if j == 1 {
				flags = append(flags, "--expect-nodes=3")
			}
			at := 2*i + j
			nd := n.node(3, fmt.Sprintf("lost-%d", at), dir, 10*(at+1), flags...)
			all = append(all, &stray{node: nd, mistake: m.mistake, expects: j == 1, cause: m.cause})
		}
	}
	nd := n.node(3, "lost-6", dir, 0, append(g.flags(0), "--join="+n.peer(0)+":7946", "--expect-nodes=3")...)
	cause := `(?i)link.*n[123]|n[123].*link`
	return append(all, &stray{node: nd, mistake: "a closed peer port", expects: true, cause: cause})
}

// TestAstray: a node that does not find the cluster calls nobody offline whom it doesn't know. With
// --expect-nodes it is never ready. Its log and /readyz say why.
func TestAstray(t *testing.T) {
	t.Parallel()
	g, n := greySize(t), newNetwork(t, 4)
	n.withFirewall(t, 4)
	names := hostIDs(3)
	for i := range 7 {
		names = append(names, fmt.Sprintf("lost-%d", i))
	}
	dir := credentials(t, names...)
	wrong := base64.StdEncoding.EncodeToString([]byte("another key that nobody else has"))
	if err := os.WriteFile(filepath.Join(dir, "wrong.keys"), []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	f := hostedWith(t, n, dir, 3, g.flags)
	c := newCrowdOf(t, f, people(g.people), g.beats, g.deadline())
	c.begin()
	for i := range 3 {
		n.unlink(3, i)
	}
	all, own := mistakes(n, g, dir), &fleet{t: t}
	t.Cleanup(own.end)
	end := time.Now().Add(20 * time.Second)
	var asking sync.WaitGroup
	for _, l := range all {
		own.take(l.node)
		asking.Go(func() { l.ask(t, c, end) })
	}
	asking.Wait()
	for _, l := range all {
		l.report(t)
	}
	c.report("others that don't find the cluster", false)
	f.agree(3)
}

// ask asks a node for people whom it can't know until then.
func (l *stray) ask(t *testing.T, c *crowd, end time.Time) {
	l.seen = make(map[string]int)
	for sleepUntil(t.Context(), time.Now().Add(100*time.Millisecond)) && time.Now().Before(end) {
		if states, err := c.query(t.Context(), l.node, c.ids); err == nil {
			for _, s := range states {
				l.seen[s]++
			}
		}
		if states, err := c.query(t.Context(), l.node, []string{"here"}); err == nil {
			l.knows = l.knows || states["here"] == "online"
		}
		_ = l.put(t.Context(), "here", "/v1/presence/me/devices/phone", `{"activity":"online"}`)
		status, text, err := l.readiness()
		if err == nil {
			l.ready, l.text = l.ready || status == http.StatusOK, text
		}
	}
}

func (l *stray) report(t *testing.T) {
	t.Helper()
	t.Logf("%s with %s: says %v; knows who beats there %v; was ready %v, at the end %q",
		l.id, l.mistake, l.seen, l.knows, l.ready, l.text)
	if !l.expects && (!l.knows || l.seen["unknown"] == 0) {
		t.Errorf("%s with %s doesn't serve alone", l.id, l.mistake)
	}
	delete(l.seen, "unknown")
	if len(l.seen) > 0 {
		t.Errorf("%s with %s says of people whom it can't know: %v", l.id, l.mistake, l.seen)
	}
	if l.ready == l.expects {
		t.Errorf("%s with %s was ready: %v; want %v", l.id, l.mistake, l.ready, !l.expects)
	}
	named := regexp.MustCompile(l.cause)
	if logs := l.logs.String(); !named.MatchString(logs) {
		t.Errorf("the log of %s with %s doesn't say %s:\n%.1000s", l.id, l.mistake, l.cause, logs)
	}
	if l.expects && l.alive.Load() && !named.MatchString(l.text) {
		t.Errorf("/readyz of %s with %s doesn't say %s: %q", l.id, l.mistake, l.cause, l.text)
	}
}
