package gossip

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/keyfiles"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/cluster/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(id string, seeds ...string) Config {
	return Config{
		Name: link.Name{ID: id, Boot: "1"}, PeerPort: 1, Bind: "127.0.0.1:0", ClusterName: "test",
		Terms: protocol.Terms{Range: protocol.Spoken, Words: "p=1"},
		Seeds: seeds, Timings: Fast, Logger: slog.New(slog.DiscardHandler),
	}
}

func start(t *testing.T, c Config) *Gossip {
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

// inMemory runs a test in virtual time, on a network in memory: it doesn't matter how busy the
// machine is.
func inMemory(t *testing.T, run func(t *testing.T, net *memnet.Network)) {
	synctest.Test(t, func(t *testing.T) {
		// What memberlist waits for when it is shut down.
		t.Cleanup(func() { time.Sleep(time.Minute) })
		run(t, memnet.New(1, memnet.Quality{Latency: time.Millisecond}))
	})
}

// hosted is a node on a host of a network in memory.
func hosted(t *testing.T, h *memnet.Host, c Config) *Gossip {
	t.Helper()
	transport, err := h.Gossip(7946)
	if err != nil {
		t.Fatal(err)
	}
	c.Bind, c.Transport = h.Address()+":7946", transport
	return start(t, c)
}

// met has a node meet its seeds.
func met(t *testing.T, g *Gossip) *Gossip {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if found, err := g.Join(ctx); !found || err != nil {
		t.Fatalf("%s: found another node: %v, %v", g.config.Name, found, err)
	}
	return g
}

// await waits until a node sees these members, as "id~boot state".
func await(t *testing.T, g *Gossip, want ...string) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		var got []string
		for _, m := range g.Members() {
			got = append(got, fmt.Sprint(m.Name, " ", m.State))
		}
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
		select {
		case <-g.Changed():
		case <-deadline:
			t.Fatalf("%s sees %v, want %v", g.config.Name, got, want)
		}
	}
}

func TestMembersComeAndGo(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		a := hosted(t, net.Host("10.0.0.1"), config("a"))
		b := met(t, hosted(t, net.Host("10.0.0.2"), config("b", a.Address())))
		c := met(t, hosted(t, net.Host("10.0.0.3"), config("c", a.Address())))
		for _, g := range []*Gossip{a, b, c} {
			await(t, g, "a~1 joining", "b~1 joining", "c~1 joining")
		}
		if err := b.SetState(Serving); err != nil {
			t.Fatal(err)
		}
		await(t, b, "a~1 joining", "b~1 serving", "c~1 joining")
		await(t, c, "a~1 joining", "b~1 serving", "c~1 joining")
		if err := b.Close(); err != nil { // as if it were killed
			t.Fatal(err)
		}
		await(t, a, "a~1 joining", "c~1 joining")
		again := config("b", c.Address())
		again.Name.Boot = "2"
		met(t, hosted(t, net.Host("10.0.0.4"), again))
		await(t, a, "a~1 joining", "b~2 joining", "c~1 joining")
		if err := c.Leave(); err != nil {
			t.Fatal(err)
		}
		await(t, a, "a~1 joining", "b~2 joining")
	})
}

func TestOtherConstantsAreRefused(t *testing.T) {
	first := config("a")
	first.Terms.Words = "tick=1s grace=5s"
	a := start(t, first)
	other := config("b", a.Address())
	other.Terms.Words = "tick=1s grace=7s"
	b := start(t, other)
	found, err := b.Join(t.Context())
	if found || err == nil || !strings.Contains(err.Error(), `there "grace=5s", here "grace=7s"`) {
		t.Fatalf("found another node: %v, %v", found, err)
	}
	if len(a.Members()) != 1 || len(b.Members()) != 1 {
		t.Errorf("a sees %v, b sees %v", a.Members(), b.Members())
	}
}

func TestOwnAddressIsNobody(t *testing.T) {
	c := config("a")
	g := start(t, c)
	g.config.Seeds = []string{g.Address()}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if found, err := g.Join(ctx); found || err != nil || ctx.Err() != nil {
		t.Errorf("found another node: %v, %v, %v", found, err, ctx.Err())
	}
}

// TestSeedsAreTriedBesideTheLost: however many addresses have been lost, a cut ends, or a node is
// found, by the seeds.
func TestSeedsAreTriedBesideTheLost(t *testing.T) {
	g := start(t, config("a"))
	var lost []string
	for i := range 3 * maxJoin {
		lost = append(lost, fmt.Sprintf("10.0.0.%d:1", i))
	}
	got := g.missing(alternately(lost, []string{"10.0.1.1:1"}))
	if len(got) != maxJoin || !slices.Contains(got, "10.0.1.1:1") {
		t.Errorf("tried are %v", got)
	}
}

func writeKeys(t *testing.T, path string, keys ...string) {
	if err := os.WriteFile(path, []byte(strings.Join(keys, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeys(t *testing.T) {
	const first, second = keyOne, keyTwo
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	writeKeys(t, one, first)
	writeKeys(t, two, second)
	withKeys := func(id, file string) Config {
		c := config(id)
		c.KeyFile = file
		return c
	}
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		a := hosted(t, net.Host("10.0.0.1"), withKeys("a", one))
		stranger := hosted(t, net.Host("10.0.0.2"), withKeys("x", two))
		if n, _ := stranger.list.Join([]string{a.Address()}); n != 0 {
			t.Fatal("joined with another key")
		}
		// A key is added everywhere before it is used anywhere.
		writeKeys(t, one, "# a comment", first, second)
		writeKeys(t, two, second, first)
		a.keys.refresh()
		stranger.keys.refresh()
		if n, err := stranger.list.Join([]string{a.Address()}); n != 1 {
			t.Fatalf("not joined with keys that both have: %v", err)
		}
	})
}

func TestKeyFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"": "holds no key", "# only words\nabc": "line 2: a key must be", "YWJj": "line 1: a key must be",
	} {
		path := filepath.Join(t.TempDir(), "keys")
		writeKeys(t, path, text)
		if _, err := loadKeys(path, keyfiles.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	const first, second = keyOne, keyTwo
	path := filepath.Join(t.TempDir(), "keys")
	writeKeys(t, path, first)
	var failures atomic.Int64
	k, err := loadKeys(path, keyfiles.Options{Logger: slog.New(slog.DiscardHandler), Failures: &failures})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file []string
		want string
	}{
		{[]string{first, second}, "1234567890abcdef"},
		{[]string{second, first}, "fedcba0987654321"},
		{[]string{"broken"}, "fedcba0987654321"},
		{[]string{second}, "fedcba0987654321"},
	} {
		writeKeys(t, path, step.file...)
		k.refresh()
		if got := string(k.ring.GetPrimaryKey()); got != step.want {
			t.Errorf("with %v in the file %q encrypts", step.file, got)
		}
	}
	if n := len(k.ring.GetKeys()); n != 1 {
		t.Errorf("%d keys are left", n)
	}
	if n := failures.Load(); n != 1 {
		t.Errorf("%d failures, want that of the broken file", n)
	}
}

func FuzzParseMeta(f *testing.F) {
	m := Member{Role: Gateway, State: Draining, Peer: "10.0.0.1:7947", Report: Report{Broken: []uint16{1, 7}}}
	b, _ := appendMeta(m, "6 tick=1s")
	f.Add(b)
	f.Add([]byte{1, 0, 0, 200, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, terms, err := parse(&memberlist.Node{Name: "a~1", Meta: b})
		if err != nil {
			return
		}
		written, err := appendMeta(m, terms.Text())
		if err != nil {
			return
		}
		again, sameTerms, err := parse(&memberlist.Node{Name: "a~1", Meta: written})
		if err != nil || !again.Equal(m) || sameTerms != terms {
			t.Fatalf("%x read as %v, %v; written and read: %v, %v, %v", b, m, terms, again, sameTerms, err)
		}
	})
}

func TestLargestMetaFits(t *testing.T) {
	full := Report{Broken: make([]uint16, MaxBroken)}
	b, err := appendMeta(Member{Peer: strings.Repeat("h", 180), Report: full}, strings.Repeat("p", 200))
	if err != nil || len(b) != maxMeta {
		t.Errorf("%d bytes, want %d, above which memberlist panics; %v", len(b), maxMeta, err)
	}
	if _, err := appendMeta(Member{Peer: strings.Repeat("h", 181)}, strings.Repeat("p", 200)); err == nil {
		t.Error("what leaves no room for a report was taken")
	}
	if _, err := appendMeta(Member{}, strings.Repeat("p", 201)); err == nil {
		t.Error("a protocol too long was taken")
	}
}
