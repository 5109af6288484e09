package many

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The crowd's timings: unless PRESENCE_INTERVAL says otherwise a deadline of 10 s, so that a test
// sees several of them.
var (
	interval = duration("PRESENCE_INTERVAL", 4*time.Second)
	deadline = 2*interval + grace
)

const grace = 2 * time.Second

func timings() []string {
	return []string{"--heartbeat-interval=" + interval.String(), "--grace=" + grace.String()}
}

func duration(env string, otherwise time.Duration) time.Duration {
	if text := os.Getenv(env); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(fmt.Sprintf("%s=%q: %v", env, text, err))
		}
		return d
	}
	return otherwise
}

// writesAgain returns how long it takes until every partition takes an override again, as 64
// participants see it. They write at the same time, so no one's wait is added to another's.
func writesAgain(t *testing.T, c *crowd) time.Duration {
	t.Helper()
	start := time.Now()
	refused := make([]error, 64)
	var writers sync.WaitGroup
	for i := range refused {
		writers.Go(func() { refused[i] = c.insist(t.Context(), fmt.Sprintf("writer-%d", i), patience) })
	}
	writers.Wait()
	if err := errors.Join(refused...); err != nil {
		t.Fatalf("not taken within %v: %v", patience, err)
	}
	return time.Since(start)
}

// insist sets an override, and tries again until it is taken or the time is over.
func (c *crowd) insist(ctx context.Context, id string, within time.Duration) error {
	for end := time.Now().Add(within); ; {
		try, cancel := context.WithTimeout(ctx, answered)
		err := c.healthy().put(try, id, "/v1/presence/me/override", `{"override":"busy"}`)
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(end) || !sleepUntil(ctx, time.Now().Add(20*time.Millisecond)) {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	c := newCrowd(t, f, interval)
	for _, victim := range []int{2, 0} {
		c.begin()
		nd := f.nodes[victim]
		nd.signal(syscall.SIGKILL)
		<-nd.gone
		c.control.within(t, "kill of "+nd.id+": until writes were taken again", writesAgain(t, c), 5*time.Second)
		t.Logf("agreed after %v", f.agree(2).Round(time.Millisecond))
		time.Sleep(deadline + 2*time.Second) // whoever was lost would be gone by now
		c.report("SIGKILL of "+nd.id, true)
		c.control.within(t, "reads", c.longest, time.Second)
		c.await()
		f.start(nd)
		f.agree(3)
	}
}

func TestStop(t *testing.T) {
	for _, length := range []time.Duration{min(10*time.Second, deadline*6/10), deadline + 5*time.Second} {
		t.Run(length.String(), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, 3, timings()...)
			c := newCrowd(t, f, interval)
			c.begin()
			f.nodes[1].still.Store(true)
			f.nodes[1].signal(syscall.SIGSTOP)
			time.Sleep(length)
			f.nodes[1].signal(syscall.SIGCONT)
			f.nodes[1].still.Store(false)
			t.Logf("agreed after %v", f.agree(3).Round(time.Millisecond))
			time.Sleep(deadline + 2*time.Second)
			c.report("SIGSTOP for "+length.String(), true)
			c.control.within(t, "reads", c.longest, 4*time.Second)
			c.await()
		})
	}
}

func TestPlannedChanges(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	c := newCrowd(t, f, interval)

	c.begin()
	before := f.shares(t)
	f.add()
	t.Logf("join: agreed after %v", f.agree(4).Round(time.Millisecond))
	wantFewMoved(t, before, f.shares(t), "n4")
	time.Sleep(2 * time.Second)
	c.report("join of a fourth", false)

	c.begin()
	f.leave(f.nodes[3])
	t.Logf("leave: agreed after %v", f.agree(3).Round(time.Millisecond))
	time.Sleep(2 * time.Second)
	c.report("leave", false)

	c.begin()
	for _, nd := range f.nodes[:3] {
		f.leave(nd)
		f.start(nd)
		f.agree(3)
	}
	time.Sleep(deadline + 2*time.Second)
	c.report("rolling restart", false)
	c.await()
}

// shares are how many partitions each node owns.
func (f *fleet) shares(t *testing.T) map[string]int {
	t.Helper()
	d, err := f.nodes[0].cluster()
	if err != nil {
		t.Fatal(err)
	}
	shares := make(map[string]int)
	for _, m := range d.Members {
		shares[m.ID] = m.Partitions
	}
	return shares
}

// wantFewMoved: who joins takes a fair share, and nothing moves between the others.
func wantFewMoved(t *testing.T, before, after map[string]int, joined string) {
	t.Helper()
	all := 0
	for id, n := range after {
		all += n
		if id != joined && n > before[id] {
			t.Errorf("%s has %d partitions after the join of %s, and had %d", id, n, joined, before[id])
		}
	}
	ratio := float64(after[joined]*len(after)) / float64(all)
	t.Logf("join: %d of %d partitions moved, %.2f of ideal", after[joined], all, ratio)
	if ratio > 1.15 || after[joined] == 0 {
		t.Errorf("%d of %d partitions moved; want at most 1.15 of ideal", after[joined], all)
	}
}

// TestOverridesSurvive: an acknowledged override is there after any one node was killed, and hides
// as it should.
func TestOverridesSurvive(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	ids := make([]string, 60)
	for i := range ids {
		ids[i] = fmt.Sprintf("hidden-%d", i)
		for _, call := range [][2]string{
			{"/v1/presence/me/devices/phone", `{"activity":"online"}`},
			{"/v1/presence/me/override", `{"override":"appear_offline"}`},
		} {
			if _, status, err := f.nodes[i%3].do(t.Context(), "PUT", call[0], ids[i], []byte(call[1])); err != nil ||
				status/100 != 2 {
				t.Fatalf("%s: status %d, %v", call[0], status, err)
			}
		}
	}
	f.nodes[1].signal(syscall.SIGKILL)
	<-f.nodes[1].gone
	end := time.Now().Add(6 * time.Second)
	c := &crowd{t: t, f: f}
	for time.Now().Before(end) {
		states, err := c.query(t.Context(), f.nodes[2], ids)
		if err != nil {
			t.Fatal(err)
		}
		for id, s := range states {
			if s != "offline" && s != "unknown" {
				t.Fatalf("%s, who hides, is seen %s", id, s)
			}
		}
	}
	f.agree(2)
	for _, id := range ids {
		out, status, err := f.nodes[0].do(t.Context(), "GET", "/v1/presence/"+id, id, nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("status %d, %v", status, err)
		}
		if s := string(out); !strings.Contains(s, `"appear_offline"`) {
			t.Errorf("%s sees of itself %s", id, s)
		}
	}
}

// override sets somebody's override through a node. One that isn't taken because the machine is
// busy is sent again, as the contract says.
func override(t *testing.T, nd *node, id, value string) {
	t.Helper()
	for begun := time.Now(); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		out, status, err := nd.do(ctx, "PUT", "/v1/presence/me/override", id, []byte(`{"override":"`+value+`"}`))
		cancel()
		if err == nil && status/100 == 2 {
			return
		}
		if err != nil || status != http.StatusServiceUnavailable || full() || time.Since(begun) > patience {
			t.Fatalf("override of %s at %s: status %d, %v: %s", id, nd.id, status, err, out)
		}
	}
}

// wantOverride asks a node what somebody has picked.
func wantOverride(t *testing.T, nd *node, id, want string) {
	t.Helper()
	out, status, err := nd.do(t.Context(), "GET", "/v1/presence/"+id, id, nil)
	if err != nil || status != http.StatusOK || !strings.Contains(string(out), `"override":"`+want+`"`) {
		t.Errorf("%s at %s: status %d, %v: %s; want override %s", id, nd.id, status, err, out, want)
	}
}

// TestPowerCut kills all nodes at once; what was acknowledged is there afterwards, also with the
// last bytes of each disk gone bad, and nobody is online by it.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	dirs := t.TempDir()
	f := &fleet{t: t, flags: append([]string{"--participant-rate=100000"}, timings()...)}
	t.Cleanup(f.end)
	for i := range 3 {
		f.add(fmt.Sprintf("--data-dir=%s/%d", dirs, i))
	}
	f.agree(3)
	ids := make([]string, 60)
	for i := range ids {
		ids[i] = fmt.Sprintf("kept-%d", i)
		override(t, f.nodes[i%3], ids[i], "busy")
	}
	must := func(method, path, token, body string) string {
		t.Helper()
		out, status, err := f.nodes[0].do(t.Context(), method, path, token, []byte(body))
		if err != nil || status/100 != 2 {
			t.Fatalf("%s %s: status %d, %v: %s", method, path, status, err, out)
		}
		return string(out)
	}
	must("PUT", "/v1/participants/robot", "service", `{"kind":"helper"}`)
	must("PUT", "/v1/presence/me/devices/phone", "hidden", `{"activity":"online"}`)
	override(t, f.nodes[0], "hidden", "appear_offline")
	must("POST", "/v1/direct-messages", "service", `{"direct_messages":[{"participants":["hidden","friend"]}]}`)
	for range 2 {
		for _, nd := range f.nodes {
			nd.signal(syscall.SIGKILL)
		}
		for i, nd := range f.nodes {
			<-nd.gone
			tear(t, fmt.Sprintf("%s/%d", dirs, i))
		}
		for _, nd := range f.nodes {
			f.start(nd)
		}
		f.agree(3)
		for i, id := range ids {
			wantOverride(t, f.nodes[i%3], id, "busy")
		}
		if seen := must("GET", "/v1/presence/hidden", "hidden", ""); strings.Contains(seen, `"last_seen":null`) {
			t.Errorf("last seen is lost: %s", seen)
		}
		must("PUT", "/v1/presence/me/devices/phone", "hidden", `{"activity":"online"}`)
		for viewer, want := range map[string]string{
			"friend": `{"hidden":"online","robot":"online"}`, "stranger": `{"hidden":"offline","robot":"online"}`,
		} {
			got := must("GET", "/v1/presence?ids=hidden,robot", viewer, "")
			for begun := time.Now(); strings.Contains(got, "unknown") && time.Since(begun) < patience; {
				// A node that a busy machine started late finds partitions that nobody has; whoever
				// would be offline there is unknown for a deadline. That is honest, and ends.
				time.Sleep(100 * time.Millisecond)
				must("PUT", "/v1/presence/me/devices/phone", "hidden", `{"activity":"online"}`)
				got = must("GET", "/v1/presence?ids=hidden,robot", viewer, "")
			}
			if strings.TrimSpace(got) != want {
				t.Errorf("%s sees %s, want %s", viewer, got, want)
			}
		}
		c := &crowd{t: t, f: f}
		states, err := c.query(t.Context(), f.nodes[0], ids)
		for id, s := range states {
			if s != "offline" && s != "unknown" {
				t.Errorf("%s is %s after a power cut, %v", id, s, err)
			}
		}
	}
}

// tear appends half an entry to the newest file, as a power cut does.
func tear(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", dir, names, err)
	}
	last := slices.Max(names)
	b, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(last, append(b, b[:min(20, len(b))]...), 0o600); err != nil {
		t.Fatal(err)
	}
}
