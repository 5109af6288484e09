package sim

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAsNeverSeen: whatever participants do, and others have with them, a viewer that may not see
// them is answered and told the same as if their ids had never been seen.
func TestAsNeverSeen(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= uint64(*seeds); seed++ {
		for _, nodes := range []int{1, 3} {
			for _, h := range hidings {
				t.Run(fmt.Sprintf("%s, %d nodes, seed %d", h.name, nodes, seed), func(t *testing.T) {
					t.Parallel()
					script := h.script(seed, nodes)
					seen, never := h.play(t, nodes, script, true), h.play(t, nodes, script, false)
					if d := cmp.Diff(never, seen); d != "" {
						t.Errorf("seed %d: never seen (-), and seen by others (+):\n%s", seed, d)
					}
					if len(seen) < len(script)/3 {
						t.Errorf("only %d lines of %d errands", len(seen), len(script))
					}
				})
			}
		}
	}
}

// hiding is a way in which participants are kept from a viewer.
type hiding struct {
	name   string
	hidden []string
	viewer string // of what is asked with the token of a backend, and whose sockets are open
	begin  func(id, viewer string) errand
	undone func(e errand, viewer string) bool // an errand ends it
}

var hidings = []hiding{
	{"blocked", []string{"ada", "model:bot"}, "ben", func(id, viewer string) errand {
		return errand{method: "PUT", path: "/v1/participants/" + id + "/blocks/" + viewer}
	}, func(e errand, viewer string) bool {
		return e.method == "DELETE" && strings.HasSuffix(e.path, "/blocks/"+viewer)
	}},
	{"denied by an edge", []string{"ada", "model:bot"}, "ben", func(id, viewer string) errand {
		return edgeOf(id, viewer, false)
	}, func(e errand, viewer string) bool { return e.path == "/v1/visibility" && e.about[1] == viewer }},
	{"not among the allowed", []string{"ada"}, "ben", closed, opens},
	{"nobody's viewer", []string{"ada"}, "", closed, opens},
}

func closed(id, _ string) errand {
	return errand{
		method: "PUT", path: "/v1/participants/" + id + "/visibility", body: map[string]any{"default": "allowed"},
	}
}

// opens reports whether an errand lets a stranger of a participant whose default is "allowed" see
// it: by a window, an edge that allows, another default, or as an AI.
func opens(e errand, viewer string) bool {
	switch {
	case e.path == "/v1/visibility" || e.path == "/v1/direct-messages":
		return e.about[1] == viewer
	case strings.HasSuffix(e.path, "/visibility"):
		_, found := e.body.(map[string]any)["default"]
		return found
	default:
		kind, is := e.body.(map[string]string)
		return is && kind["kind"] == "model"
	}
}

// edgeOf is what a backend says about a pair. An end is so many seconds ahead; 0: there is none.
func edgeOf(id, viewer string, allow any, seconds ...int) errand {
	edge := map[string]any{"participant_id": id, "viewer": viewer, "allow": allow}
	for _, n := range seconds {
		edge["expires_in"] = n
	}
	return errand{
		method: "POST", path: "/v1/visibility", body: map[string]any{"edges": []any{edge}}, about: [2]string{id, viewer},
	}
}

// others are those who are seen.
var others = []string{"cleo", "dan"}

// script is what all do: errands about the hidden ones, which nobody may notice, others', and what
// the viewer asks.
func (h *hiding) script(seed uint64, nodes int) (script []errand) {
	r := rand.New(rand.NewPCG(seed, 5))
	for _, id := range h.hidden {
		script = append(script, h.begin(id, h.viewer).of(id))
	}
	for range 200 {
		e := h.asking(r)
		switch r.IntN(5) {
		case 0, 1:
			id := h.hidden[r.IntN(len(h.hidden))]
			if e = saying(r, id, append(others, "ben")).of(id); h.undone(e, h.viewer) {
				continue
			}
		case 2:
			e.noted = false
			e.method, e.path, e.body = writing(r, others)
			if r.IntN(3) == 0 {
				e = telling(r, others[r.IntN(len(others))])
			}
			e.token = "service"
		}
		e.node = r.IntN(nodes)
		script = append(script, e)
	}
	return script
}

// of has an errand be about a hidden one: it is left out where that is never seen.
func (e errand) of(hidden string) errand {
	e.hidden, e.token = hidden, "service"
	return e
}

// saying is anything that is done to a participant, or by it.
func saying(r *rand.Rand, id string, viewers []string) (e errand) {
	viewer := viewers[r.IntN(len(viewers))]
	of := "/v1/participants/" + id
	switch r.IntN(12) {
	case 5, 6, 7:
		return telling(r, id)
	case 0:
		return errand{
			method: []string{"PUT", "PUT", "DELETE"}[r.IntN(3)], path: of + "/blocks/" + viewer, about: [2]string{id, viewer},
		}
	case 1:
		return edgeOf(id, viewer, []any{true, false, nil}[r.IntN(3)])
	case 2:
		return edgeOf(id, viewer, r.IntN(2) == 0, 1+r.IntN(20))
	case 3:
		what := map[string]any{"default": []any{"everyone", "allowed", nil}[r.IntN(3)]}
		if r.IntN(2) == 0 {
			what = map[string]any{"last_seen": []any{"exact", "coarse", "hidden", nil}[r.IntN(4)]}
		}
		return errand{method: "PUT", path: of + "/visibility", body: what}
	case 4:
		return errand{method: "POST", path: "/v1/direct-messages", about: [2]string{id, viewer}, body: map[string]any{
			"direct_messages": []any{map[string]any{"participants": []string{id, viewer}}},
		}}
	default:
		e.method, e.path, e.body = writing(r, []string{id})
		if e.path == "/v1/direct-messages" { // nobody writes to oneself
			e.method, e.path, e.body = "DELETE", "/v1/presence/"+id+"/devices/tab", nil
		}
		return e
	}
}

// telling is what a participant says of itself, what is said for it, and that it hides for a while.
func telling(r *rand.Rand, id string) errand {
	of, text := "/v1/presence/"+id, fmt.Sprint("text ", r.IntN(9))
	said := map[string]any{"text": text, "public": r.IntN(3) == 0}
	if r.IntN(2) == 0 {
		said["expires_in"] = 1 + r.IntN(30)
	}
	switch r.IntN(7) {
	case 0:
		return errand{method: "DELETE", path: of + "/status"}
	case 1:
		return errand{method: "DELETE", path: of + "/status?public=true"}
	case 2:
		return errand{method: "PUT", path: of + "/busy/call", body: map[string]any{"expires_in": 1 + r.IntN(30)}}
	case 3:
		return errand{method: "DELETE", path: of + "/busy/call"}
	case 4:
		pick := []string{"busy", "appear_offline"}[r.IntN(2)]
		return errand{method: "PUT", path: of + "/override", body: map[string]any{
			"override": pick, "expires_in": 1 + r.IntN(30),
		}}
	default:
		return errand{method: "PUT", path: of + "/status", body: said}
	}
}

// asking is what the viewer asks, and tries. Whatever is answered is noted.
func (h *hiding) asking(r *rand.Rand) errand {
	all := append(slices.Clone(h.hidden), others...)
	id := all[r.IntN(len(all))]
	e := errand{token: "service", noted: true, method: "GET"}
	as := ""
	if h.viewer != "" {
		as = "viewer=" + h.viewer
		if r.IntN(2) == 0 {
			e.token, as = h.viewer, ""
		}
	}
	switch r.IntN(7) {
	case 6:
		e.path = "/v1/presence?with=status,last_seen&ids=" + strings.Join(all, ",") + "&" + as
	case 0:
		e.path = "/v1/presence?ids=" + strings.Join(all, ",") + "&" + as
	case 1:
		e.method, e.path, e.body = "POST", "/v1/presence/query", map[string]any{"ids": all}
		if as != "" {
			e.body.(map[string]any)["viewer"] = h.viewer
		}
	case 2:
		e.token = "ben" // it is forbidden
		e.method, e.path = "DELETE", "/v1/presence/"+id+"/override"
	case 3:
		e.token = "ben"
		e.path = "/v1/participants/" + id + "/why?viewer=ben"
	default:
		e.path = "/v1/presence/" + id + "?" + as
		if h.viewer == "" {
			e.path = "/v1/presence?ids=" + id // without a viewer a record is read as an administrator
		}
	}
	return e
}

// play plays a script, a second each, with what is about the hidden ones or without, and returns
// what the viewer was answered and told.
func (h *hiding) play(t *testing.T, nodes int, script []errand, seen bool) (lines []string) {
	synctest.Test(t, func(t *testing.T) {
		w := newCalm(nodes, append(slices.Clone(h.hidden), append(others, "ben")...))
		d, unread := &diary{start: time.Now()}, &diary{start: time.Now()}
		whom := append(slices.Clone(h.hidden), others...)
		for i, p := range w.nodes {
			from := w.net.Host(fmt.Sprintf("10.3.%d.1", i))
			if h.viewer != "" && i < 2 {
				w.follow("", h.viewer, whom, p.address, from, d)
			}
			w.running.Go(func() { w.hear(h.viewer, whom, p.address, httpClient(from), d) })
		}
		for i, e := range script {
			sleep(w.ctx, time.Second)
			if i == len(h.hidden) && seen { // not before they hide
				w.follow("", h.hidden[0], []string{"ben"}, w.nodes[0].address, w.net.Host("10.3.8.1"), unread)
			}
			into := unread
			if e.noted {
				into = d
			}
			if seen || e.hidden == "" {
				w.running.Go(func() { w.run(w.net.Host("10.3.9.1"), e, into) })
			}
		}
		sleep(w.ctx, 2*deadline)
		d.mu.Lock()
		slices.Sort(d.lines)
		lines = d.lines
		d.mu.Unlock()
		w.end()
		time.Sleep(time.Minute)
	})
	return lines
}

// hear notes all that an event stream tells a viewer; of nobody's viewer, a backend.
func (w *world) hear(viewer string, whom []string, address string, c *http.Client, d *diary) {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	url := fmt.Sprintf("http://%s:%d/v1/events?with=status&ids=%s", address, publicPort, strings.Join(whom, "&ids="))
	if viewer != "" {
		url += "&viewer=" + viewer
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer service")
	resp, err := c.Do(r)
	if err != nil {
		d.note("an event stream: %v", err)
		return
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "data: ") {
			d.note("a stream says %s", lines.Text())
		}
	}
}
