package many

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The crowd's timings: unless PRESENCE_INTERVAL says otherwise a deadline of 10 s, so that a test sees several of them.
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

// writesAgain says how long it takes until every partition takes an override again, as 64 participants see it.
func writesAgain(t *testing.T, c *crowd) time.Duration {
	t.Helper()
	start := time.Now()
	for i := range 64 {
		id := fmt.Sprintf("writer-%d", i)
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			_, status, err := c.healthy().do(ctx, "PUT", "/v1/presence/me/override", id, []byte(`{"override":"busy"}`))
			cancel()
			if err == nil && status/100 == 2 {
				break
			}
			if time.Since(start) > patience {
				t.Fatalf("%s: status %d, %v after %v", id, status, err, patience)
			}
		}
	}
	return time.Since(start)
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
		t.Logf("kill of %s: writes were taken again after %v", nd.id, writesAgain(t, c).Round(time.Millisecond))
		t.Logf("agreed after %v", f.agree(2).Round(time.Millisecond))
		time.Sleep(deadline + 2*time.Second) // whoever was lost would be gone by now
		c.report("SIGKILL of "+nd.id, true)
		c.await()
		f.start(nd)
		f.agree(3)
	}
}

func TestStop(t *testing.T) {
	for _, length := range []time.Duration{6 * time.Second, deadline + 5*time.Second} {
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
			c.await()
		})
	}
}

func TestPlannedChanges(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	c := newCrowd(t, f, interval)

	c.begin()
	f.add()
	t.Logf("join: agreed after %v", f.agree(4).Round(time.Millisecond))
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

// TestOverridesSurvive: an acknowledged override is there after any one node was killed, and hides as it should.
func TestOverridesSurvive(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	ids := make([]string, 60)
	for i := range ids {
		ids[i] = fmt.Sprintf("hidden-%d", i)
		for _, call := range [][2]string{{"/v1/presence/me/devices/phone", `{"activity":"online"}`}, {"/v1/presence/me/override", `{"override":"appear_offline"}`}} {
			if _, status, err := f.nodes[i%3].do(t.Context(), "PUT", call[0], ids[i], []byte(call[1])); err != nil || status/100 != 2 {
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
