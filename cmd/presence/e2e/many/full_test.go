package many

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// picks are what people have picked, as was acknowledged.
type picks struct {
	t  *testing.T
	at []*node

	mu       sync.Mutex
	of       map[string]string
	refused  string // the detail of the first refusal
	refusals int
	slowest  time.Duration // refusal
}

// set has everybody pick something, and reports whether all were taken. What is refused because
// the machine is busy may be stored all the same: it is sent again.
func (p *picks) set(ids []string, override string) (taken bool) {
	var setting sync.WaitGroup
	p.mu.Lock()
	before := p.refusals
	p.mu.Unlock()
	for i, id := range ids {
		setting.Go(func() {
			begun := time.Now()
			for again := false; !p.setOne(p.at[i%len(p.at)], id, override, again); again = true {
				if time.Since(begun) > patience {
					p.t.Errorf("%s: neither taken nor refused after %v", id, patience)
					return
				}
			}
		})
	}
	setting.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusals == before
}

// setOne has one pick something, and reports whether it is known what became of that. Whether an
// earlier try was stored is not known when a later one is refused.
func (p *picks) setOne(at *node, id, override string, again bool) (settled bool) {
	begun := time.Now()
	body, status, err := at.do(p.t.Context(), "PUT", "/v1/presence/me/override", id,
		fmt.Appendf(nil, `{"override":%q}`, override))
	took := time.Since(begun)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil && status == http.StatusNoContent:
		p.of[id] = override
	case err == nil && status == http.StatusServiceUnavailable:
		return p.refuse(id, body, took, again)
	default:
		p.t.Errorf("%s: status %d, %v: %s", id, status, err, body)
	}
	return true
}

// refuse notes a refusal for want of space; any other passes. The lock is held.
func (p *picks) refuse(id string, body []byte, took time.Duration, again bool) (settled bool) {
	var problem struct {
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(body, &problem)
	if !strings.HasPrefix(problem.Detail, "no space left") || !strings.Contains(problem.Detail, "nothing was stored") {
		return false
	}
	if again {
		delete(p.of, id)
	}
	if p.refusals++; p.refused == "" {
		p.refused = problem.Detail
	}
	p.slowest = max(p.slowest, took)
	return true
}

// want compares with what each node says.
func (p *picks) want(when string) {
	p.t.Helper()
	for id, want := range p.of {
		for _, nd := range p.at {
			body, status, err := nd.do(p.t.Context(), "GET", "/v1/presence/me", id, nil)
			var r struct {
				Override string `json:"override"`
			}
			if err = errors.Join(err, json.Unmarshal(body, &r)); err != nil || status != http.StatusOK ||
				r.Override != want {
				p.t.Fatalf("%s, %s shows that %s has picked %q, and what was acknowledged is %q (status %d, %v)", when,
					nd.id, id, r.Override, want, status, err)
			}
		}
	}
}

// TestFullDisk fills the disk of one of two nodes. What was acknowledged stands, what is refused is
// refused at once, for the true reason, and is nowhere; it passes by itself; a power cut loses
// nothing.
func TestFullDisk(t *testing.T) {
	d, beside := newSlowDisk(t), newControl(t)
	f := &fleet{t: t, flags: []string{"--participant-rate=100000"}}
	t.Cleanup(f.end)
	p := ports(t, 4)
	f.seeds = append(f.seeds, p[3])
	full := &node{id: "n1", addr: p[0], admin: p[1], flags: []string{
		"--node-id=n1", "--listen=" + p[0], "--admin-listen=" + p[1], "--peer-listen=" + p[2],
		"--gossip-listen=" + p[3], "--join-wait=3s",
		"--participant-rate=100000",
	}}
	d.give(full)
	full.wrap = append([]string{"unshare", "-m"}, full.wrap...)
	f.take(full)
	f.add("--data-dir=" + filepath.Join(t.TempDir(), "n2"))
	f.agree(2)

	ids, all := people(200), &picks{t: t, at: f.nodes, of: make(map[string]string)}
	if !all.set(ids, "busy") {
		t.Fatalf("refused: %s", all.refused)
	}
	filler := fmt.Sprintf("/proc/%d/root%s/filler", full.cmd.Process.Pid, d.dir)
	fillDisk(t, filler)
	for round := 0; all.set(ids, []string{"appear_offline", "busy"}[round%2]); round++ {
		if round > 1000 {
			t.Fatal("never refused")
		}
	}
	if !strings.HasPrefix(all.refused, "no space left on the data directory of n1; nothing was stored") {
		t.Errorf("refused, as %q", all.refused)
	}
	all.want("on a full disk")
	for range 3 {
		all.set(ids, "busy")
	}
	beside.within(t, "what finds no space is refused, the slowest", all.slowest, time.Second)
	all.want("after more refusals")
	if status, text, err := full.readiness(); status != http.StatusOK ||
		!strings.Contains(text, "ready; no space left on the data directory of n1: ") {
		t.Errorf("/readyz: %d %q, %v", status, text, err)
	}
	if body, _, err := f.nodes[1].do(t.Context(), "GET", "/v1/cluster", "service", nil); err != nil ||
		!strings.Contains(string(body), `"remark":"no space left on`) {
		t.Errorf("the other node shows %s, %v", body, err)
	}
	t.Logf("refused within %v: %s", all.slowest, all.refused)

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for !all.set(ids, "appear_offline") {
		if time.Since(begun) > patience {
			t.Fatalf("there is room, and still: %s", all.refused)
		}
	}
	t.Logf("taken again %v after there was room", time.Since(begun).Round(time.Millisecond))
	all.want("when there is room again")
	for _, nd := range f.nodes {
		nd.signal(syscall.SIGKILL)
		<-nd.gone
	}
	for _, nd := range f.nodes {
		f.start(nd)
	}
	f.agree(2)
	all.want("after a power cut")
}

// fillDisk writes a file until no block is left.
func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 64<<10); len(b) > 0; {
		if _, err := f.Write(b); err != nil {
			b = b[:len(b)/2] // down to the last bytes
		}
	}
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
