package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/shard"
)

// TestTenantsDontMeet: whatever participants of one tenant do, those of another by the same ids are
// answered and told as if nobody had done anything.
func TestTenantsDontMeet(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= uint64(*seeds); seed++ {
		for _, nodes := range []int{1, 3} {
			t.Run(fmt.Sprintf("%d nodes, seed %d", nodes, seed), func(t *testing.T) {
				t.Parallel()
				script := errands(seed, nodes)
				both := minutes(t, nodes, script, "", acme)
				for tenant, want := range both {
					alone := minutes(t, nodes, script, tenant)
					if d := cmp.Diff(alone[tenant], want); d != "" {
						t.Errorf("seed %d: tenant %q, without the other (-) and with it (+):\n%s", seed, tenant, d)
					}
					if len(want) < len(script)/2 {
						t.Errorf("only %d lines of %d errands", len(want), len(script))
					}
				}
			})
		}
	}
}

// errand is one call, in a tenant, at a node.
type errand struct {
	in, token    string // the tenant with a space behind it, or nothing; whose token, in it
	node         int
	method, path string
	body         any

	// of what is kept from a viewer; see unseen_test.go
	about  [2]string // a participant and a viewer that it is about, as a pair
	hidden string    // whom it is about, or nobody
	noted  bool      // the answer is the viewer's
}

// Ids that both tenants use, one of them as long as an id may be.
var shared = []string{"ada", "ben", strings.Repeat("c", shard.MaxParticipantID), "model:bot"}

// acme is a tenant with as long a name as there may be, and the space behind it.
var acme = strings.Repeat("t", shard.MaxTenant) + " "

// errands are calls of two tenants, about the same ids.
func errands(seed uint64, nodes int) (script []errand) {
	r := rand.New(rand.NewPCG(seed, 4))
	for range 160 {
		e := errand{in: []string{"", acme}[r.IntN(2)], token: "service", node: r.IntN(nodes)}
		switch r.IntN(12) {
		case 0, 1, 2:
			e.token = shared[r.IntN(3)]
			e.method, e.path, e.body = "POST", "/v1/presence/query", map[string]any{"ids": shared}
		case 3:
			e.method, e.path = "GET", "/v1/presence?ids=ada,ben&viewer="+shared[r.IntN(3)]
		case 4:
			e.method, e.path = "GET", "/v1/presence/"+shared[r.IntN(4)]
		case 5:
			e.method, e.path = "GET", "/v1/participants/"+shared[r.IntN(4)]+"/export"
		case 6:
			e.token = shared[r.IntN(3)] // for another it is forbidden
			e.method, e.path = "DELETE", "/v1/presence/"+shared[r.IntN(3)]+"/override"
		case 7:
			e.method, e.path = "DELETE", "/v1/participants/"+shared[r.IntN(4)]
		case 8, 9:
			said := telling(r, shared[r.IntN(4)])
			e.method, e.path, e.body = said.method, said.path, said.body
		default:
			e.method, e.path, e.body = writing(r, shared)
		}
		script = append(script, e)
	}
	return script
}

// diary is what one tenant was answered and told, a line each. What is told within the same second
// is in no order.
type diary struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	second := int(time.Since(d.start) / time.Second)
	d.lines = append(d.lines, fmt.Sprintf("%4d ", second)+coarse(fmt.Sprintf(format, args...)))
}

// fraction is the part of a time that depends on how long a call was under way.
var fraction = regexp.MustCompile(`(:\d\d)\.\d{3}Z`)

func coarse(s string) string { return fraction.ReplaceAllString(s, "${1}Z") }

// minutes plays the errands of some tenants, a second each, and returns their diaries.
func minutes(t *testing.T, nodes int, script []errand, tenants ...string) map[string][]string {
	said := make(map[string][]string)
	synctest.Test(t, func(t *testing.T) {
		w := newCalm(nodes, shared)
		all := make(map[string]*diary)
		for i, in := range tenants {
			all[in] = &diary{start: time.Now()}
			w.watchAs(in, w.net.Host(fmt.Sprintf("10.3.%d.1", i)), all[in])
		}
		h := w.net.Host("10.3.9.1")
		sleep(w.ctx, 500*time.Millisecond) // the middle of a second
		for _, e := range script {
			if d := all[e.in]; d != nil {
				w.running.Go(func() { w.run(h, e, d) })
			}
			sleep(w.ctx, time.Second)
		}
		sleep(w.ctx, 2*deadline)
		for in, d := range all {
			d.mu.Lock()
			slices.Sort(d.lines)
			said[in] = d.lines
			d.mu.Unlock()
		}
		w.end()
		time.Sleep(time.Minute)
	})
	return said
}

// newCalm is a world of which two do the same at the same time: no chance is in it.
func newCalm(nodes int, ids []string) *world {
	w := newWorld(1, nodes, ids, slog.New(slog.DiscardHandler))
	w.net = memnet.New(1, memnet.Quality{Latency: time.Millisecond})
	for _, p := range w.nodes {
		p.clock = clock{start: w.start}
	}
	w.bootAll()
	sleep(w.ctx, time.Minute+time.Until(time.Now().Truncate(time.Minute)))
	return w
}

// run carries one errand out, and notes the whole answer.
func (w *world) run(h *memnet.Host, e errand, d *diary) {
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var body io.Reader
	if e.body != nil {
		b, err := json.Marshal(e.body, json.Deterministic(true))
		if err != nil {
			panic(err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, e.method,
		fmt.Sprintf("http://%s:%d%s", w.nodes[e.node].address, publicPort, e.path), body)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+e.in+e.token)
	resp, err := httpClient(h).Do(r)
	if err != nil {
		d.note("%s %s by %s: %v", e.method, e.path, e.token, err)
		return
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	d.note("%s %s by %s: %d %v %s %v", e.method, e.path, e.token, resp.StatusCode, headers(resp.Header), b, err)
}

// headers are those of an answer, but for its time.
func headers(h http.Header) string {
	h.Del("Date")
	var all []string
	for name, lines := range h {
		all = append(all, name+"="+strings.Join(lines, ","))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// watchAs has two participants of a tenant follow all, by sockets, and notes what they are told.
func (w *world) watchAs(in string, h *memnet.Host, d *diary) {
	for i, id := range shared[:2] {
		w.follow(in, id, shared, w.nodes[i%len(w.nodes)].address, h, d)
	}
}

// follow has a participant of a tenant follow some by a socket, and notes what it is told.
func (w *world) follow(in, id string, whom []string, address string, h *memnet.Host, d *diary) {
	note := func(f frame) {
		b, err := json.Marshal(f, json.Deterministic(true))
		d.note("%s is told %s %v", id, b, err)
	}
	s, err := dial(w.ctx, h, address, note)
	if err != nil {
		d.note("%s: %v", id, err)
		return
	}
	for _, f := range []frame{
		{Type: "hello", Token: in + id, DeviceID: "tab", Activity: "online"}, {Type: "subscribe", IDs: whom, With: []string{"status"}},
	} {
		answer, err := s.ask(w.ctx, f)
		note(answer)
		if err != nil {
			d.note("%s: %v", id, err)
		}
	}
	w.running.Go(func() { w.keepAlive(s, id, d) })
}

// keepAlive beats until the socket ends, which a sign-out brings about.
func (w *world) keepAlive(s *socket, id string, d *diary) {
	defer s.leave()
	for w.ctx.Err() == nil {
		sleep(w.ctx, heartbeatEvery)
		select {
		case <-s.ended:
			if w.ctx.Err() == nil {
				d.note("the socket of %s closed with %d", id, s.closeCode())
			}
			return
		default:
		}
		if _, err := s.ask(w.ctx, frame{Type: "heartbeat", Activity: "online"}); err != nil && w.ctx.Err() == nil {
			d.note("the heartbeat of %s: %v", id, err)
		}
	}
}
