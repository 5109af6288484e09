package gossip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/memnet"
)

const keyOne, keyTwo = "MTIzNDU2Nzg5MGFiY2RlZg==", "ZmVkY2JhMDk4NzY1NDMyMQ=="

// book is a log that a test reads. more has something when it has grown.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newBook() *book { return &book{more: make(chan struct{}, 1)} }

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.more <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await waits for words in the log.
func (b *book) await(t *testing.T, says string) {
	t.Helper()
	for deadline := time.After(2 * time.Minute); !strings.Contains(b.String(), says); {
		select {
		case <-b.more:
		case <-deadline:
			t.Fatalf("the log doesn't say %q:\n%s", says, b)
		}
	}
}

// awaitTrouble waits until a node has a trouble with these words, and has logged it. The log comes
// last.
func awaitTrouble(t *testing.T, g *Gossip, b *book, says string) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for !slices.ContainsFunc(g.Trouble(), func(tr Trouble) bool { return strings.Contains(tr.Text, says) }) {
		select {
		case <-b.more:
		case <-deadline:
			t.Fatalf("%s doesn't say %q but %v; its log:\n%s", g.config.Name, says, g.Trouble(), b)
		}
	}
	synctest.Wait()
}

// logged is a config whose log goes to a book, debug lines included, encrypted by a key if there is
// one.
func logged(t *testing.T, id, key string) (Config, *book) {
	c, b := config(id), newBook()
	c.Logger = slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if key != "" {
		c.KeyFile = filepath.Join(t.TempDir(), "keys")
		writeKeys(t, c.KeyFile, key)
	}
	return c, b
}

// TestWhyNobodyIsMet: whatever keeps two nodes from meeting, the one that dials says it, and so
// does the one that is dialed. The reasons are read from memberlist's words, which this test has it
// say.
func TestWhyNobodyIsMet(t *testing.T) {
	for _, tc := range []struct {
		name                string
		here, there         string // keys
		change              func(here *Config)
		hereSays, thereSays string
	}{
		{
			"another key", keyOne, keyTwo, nil, "SEED encrypts gossip with a key that is not",
			"10.0.0.2 encrypts gossip with a key that is not",
		},
		{
			"no key here", "", keyTwo, nil, "SEED encrypts gossip and this node does not",
			"10.0.0.2 does not encrypt gossip and this node does",
		},
		{
			"no key there", keyOne, "", nil, "SEED does not encrypt gossip and this node does",
			"10.0.0.2 encrypts gossip and this node does not",
		},
		{
			"another cluster", "", "", func(c *Config) { c.ClusterName = "prod" },
			"SEED accepts the connection and closes it",
			`10.0.0.2 is of another cluster: its --cluster-name is "prod", not test`,
		},
		{
			"other constants", "", "", func(c *Config) { c.Terms.Words = "p=2" },
			`SEED was refused: node "there~1": it has other constants: there "p=1", here "p=2"`,
			`was refused: node "here~1": it has other constants: there "p=2", here "p=1"`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, net *memnet.Network) {
				c, thereBook := logged(t, "there", tc.there)
				there := hosted(t, net.Host("10.0.0.1"), c)
				c, hereBook := logged(t, "here", tc.here)
				if tc.change != nil {
					tc.change(&c)
				}
				here := hosted(t, net.Host("10.0.0.2"), c)
				_ = here.join([]string{there.Address()})
				awaitTrouble(t, here, hereBook, strings.ReplaceAll(tc.hereSays, "SEED", there.Address()))
				awaitTrouble(t, there, thereBook, tc.thereSays)
				for _, b := range []*book{hereBook, thereBook} {
					if n := strings.Count(b.String(), "level=WARN"); n > 1 {
						t.Errorf("said %d times, not once:\n%s", n, b)
					}
				}
				if !strings.Contains(thereBook.String(), `level=WARN msg="gossip failed"`) {
					t.Errorf("the one that is dialled doesn't warn:\n%s", thereBook)
				}
			})
		})
	}
}

// TestBadPackets: a node that was a member and comes back with other keys sends packets that can't
// be read.
func TestBadPackets(t *testing.T) {
	for _, tc := range []struct {
		name, from, to string // keys
		change         func(from *Config)
		says           string
	}{
		{"another key", keyOne, keyTwo, nil, "10.0.0.2 encrypts gossip with a key that is not"},
		{"not encrypted", "", keyTwo, nil, "10.0.0.2 does not encrypt gossip and this node does"},
		{"encrypted", keyOne, "", nil, "10.0.0.2 encrypts gossip and this node does not"},
		{
			"another cluster", "", "", func(c *Config) { c.ClusterName = "prod" },
			`10.0.0.2 is of another cluster: its --cluster-name is "prod", not test`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, net *memnet.Network) {
				c, b := logged(t, "to", tc.to)
				to := hosted(t, net.Host("10.0.0.1"), c)
				c, _ = logged(t, "from", tc.from)
				if tc.change != nil {
					tc.change(&c)
				}
				awaitSent(t, hosted(t, net.Host("10.0.0.2"), c), to, b, tc.says)
			})
		})
	}
}

// awaitSent sends packets until the node that gets them has a trouble with these words. One packet
// may be lost. And one encrypted packet of a hundred begins, by chance, as one that can be read.
func awaitSent(t *testing.T, from, to *Gossip, b *book, says string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	sending.Go(func() {
		for ctx.Err() == nil {
			if err := from.list.SendToAddress(memberlist.Address{Addr: to.Address()}, []byte("hello")); err != nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	defer sending.Wait()
	defer cancel()
	awaitTrouble(t, to, b, says)
}

// TestUnfitMember: a node that gossips with this one after it was refused is refused again, and the
// log says so in one line.
func TestUnfitMember(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		c, b := logged(t, "to", "")
		to := hosted(t, net.Host("10.0.0.1"), c)
		transport, err := net.Host("10.0.0.2").Gossip(7946)
		if err != nil {
			t.Fatal(err)
		}
		mc := memberlist.DefaultLANConfig()
		mc.Name, mc.BindAddr, mc.Transport, mc.Label = "from~1", "10.0.0.2", transport, c.ClusterName
		mc.GossipInterval, mc.LogOutput = 20*time.Millisecond, io.Discard
		from, err := memberlist.Create(mc)
		if err != nil {
			t.Fatal(err)
		}
		defer from.Shutdown()
		if _, err := from.Join([]string{to.Address()}); err != nil {
			t.Fatal(err)
		}
		if err := from.UpdateNode(time.Second); err != nil {
			t.Fatal(err)
		}
		awaitTrouble(t, to, b, `was refused: node "from~1": metadata of another version`)
		b.await(t, "ignoring alive message")
		for line := range strings.Lines(b.String()) {
			if strings.Contains(line, "ignoring alive message") && !strings.Contains(line, "level=DEBUG") {
				t.Error(line)
			}
		}
	})
}

// TestSeedsThatDontAnswer: a name without an address, a port at which nothing listens, something
// that is no node.
func TestSeedsThatDontAnswer(t *testing.T) {
	inMemory(t, func(t *testing.T, memory *memnet.Network) {
		memory.Host("10.0.0.2") // is up, and listens nowhere
		slam(t, memory.Host("10.0.0.3"))
		c, b := logged(t, "a", "")
		c.Seeds = []string{"n2.example:7946", "10.0.0.2:7946", "10.0.0.3:7946"}
		c.Lookup = func(_ context.Context, name string) ([]string, error) {
			return nil, &net.DNSError{Err: "no such host", Name: name}
		}
		g := hosted(t, memory.Host("10.0.0.1"), c)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if found, err := g.Join(ctx); found || err != nil {
			t.Errorf("found another node: %v, %v", found, err)
		}
		if strings.Contains(b.String(), "level=WARN") {
			t.Errorf("warned while the others may still be starting:\n%s", b)
		}
		_ = g.join(addresses(g.lookUp(t.Context())))
		for _, says := range []string{
			"seed n2.example:7946 does not resolve: no such host", "10.0.0.2:7946 refuses the connection",
			"10.0.0.3:7946 accepts the connection and closes it",
		} {
			awaitTrouble(t, g, b, says)
			if !strings.Contains(b.String(), `level=WARN msg="gossip failed" reason="`+says) {
				t.Errorf("the log doesn't say %q:\n%s", says, b)
			}
		}
	})
}

// slam accepts each connection to a host's gossip port and closes it.
func slam(t *testing.T, h *memnet.Host) {
	l, err := h.Listen(7946)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_ = c.Close()
		}
	}()
}

// TestBadWays: a node that is cut off doesn't answer. One that only packets don't reach has a cause
// of its own.
func TestBadWays(t *testing.T) {
	inMemory(t, func(t *testing.T, net *memnet.Network) {
		hosted(t, net.Host("10.0.0.1"), config("a"))
		c, bBook := logged(t, "b", "")
		b := hosted(t, net.Host("10.0.0.2"), c)
		net.Cut("10.0.0.2", "10.0.0.1")
		_ = b.join([]string{"10.0.0.1:7946"})
		awaitTrouble(t, b, bBook, "10.0.0.1:7946 does not answer")
		net.Heal()
		net.SetQuality(memnet.Quality{Latency: time.Millisecond, Drop: 1})
		_ = b.join([]string{"10.0.0.1:7946"})
		awaitTrouble(t, b, bBook, "a~1 is reached by TCP and not by UDP")
	})
}

// TestTroublesAreBounded: each is logged at once and then once a minute, one without new signs is
// over, and there is room for 16.
func TestTroublesAreBounded(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		var l ledger
		said := 0
		for range 150 { // 150 s
			_, times := l.note(otherKey, "10.0.0.1", "", true)
			said += times
			time.Sleep(time.Second)
		}
		if text, times := l.note(otherKey, "10.0.0.1", "", true); said != 121 || times != 0 {
			t.Errorf("of 150 signs %d were told in three lines; then %q", said, text)
		}
		for i := range 3 * maxTroubles {
			l.note(refusing, fmt.Sprintf("10.0.1.%d:1", i), "", true)
		}
		if n := len(l.recent()); n != maxTroubles {
			t.Errorf("%d troubles are kept", n)
		}
		time.Sleep(troubleFor + 1)
		if n := len(l.recent()); n != 0 {
			t.Errorf("%d troubles stay", n)
		}
		if _, times := l.note(silent, "10.0.2.1:1", "x", true); times != 1 || len(l.recent()) != 1 {
			t.Errorf("a new one is told %d times, and kept with %v", times, l.recent())
		}
	})
}

func TestOneNodeIsOneTrouble(t *testing.T) {
	var l ledger
	l.note(otherKey, "10.0.0.1", "", false)
	l.note(otherKey, "10.0.0.1:7946", "", false)
	l.note(otherKey, "10.0.0.1", "", false)
	l.note(otherKey, "10.0.0.10", "", false)
	l.note(refusing, "10.0.0.1:7946", "", false)
	var got []string
	for _, tr := range l.recent() {
		got = append(got, strings.Fields(tr.Text)[0])
	}
	if want := "[10.0.0.10 10.0.0.1:7946 10.0.0.1:7946]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestLatestTryCounts: an address has the trouble that the latest try found, and no line more than
// once a minute for the one before.
func TestLatestTryCounts(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		const at = "10.0.0.1:7946"
		var l ledger
		said := 0
		for i := range 40 { // 40 s
			time.Sleep(time.Second / 2)
			tried := time.Now()
			time.Sleep(time.Second / 2)
			l.outdate(at, tried)
			c := []cause{refusing, otherKey}[i%2]
			if _, times := l.note(c, at, "", true); times > 0 {
				said++
			}
			if all := l.recent(); len(all) != 1 || all[0].Text != fmt.Sprintf(words[c], at, "") {
				t.Fatalf("%d s: %v", i, all)
			}
			l.note(silent, fmt.Sprint("10.0.1.1:", i), "", true)
			l.outdate(fmt.Sprint("10.0.1.1:", i), time.Now().Add(1))
		}
		if said != 2 {
			t.Errorf("two causes are told %d times", said)
		}
		l.outdate(at, time.Now().Add(1))
		if all := l.recent(); len(all) != 0 {
			t.Errorf("after a try that succeeded: %v", all)
		}
	})
}

func TestUnclearErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("é", 300)
	c, detail := joinFailed(errors.New("1 error occurred:\n\t* failed to join 10.0.0.1:1: odd\x07\n" + long))
	if c != unclear || !strings.HasPrefix(detail, "10.0.0.1:1: odd  é") || len(detail) > 210 {
		t.Errorf("%v %q", c, detail)
	}
}
