package sim

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// blurred is how far apart an erasure and what others have with the participant must be for their
// order to be known: they are stamped by two nodes' clocks, which drift.
const blurred = 3 * maxSkew

// ending is what the model is told when a call ends.
type ending func(err error)

// erase forgets somebody: nothing is left of what was before, what comes later counts.
func (w *world) erase(id, address string) {
	w.mu.Lock()
	p, start := w.model.people[id], w.now()
	e := &op[bool]{start: start}
	p.erasures = append(p.erasures, e)
	ends := []ending{
		w.ends(p.override, "auto", w.blur()), w.ends(p.ai, p.prefix, w.blur()),
		w.ends(p.unasked, "everyone", w.blur()), w.ends(p.lastSeen, "exact", w.blur()),
		w.ends(p.status, remark{}, w.blur()),
	}
	for _, f := range p.claims {
		ends = append(ends, w.ends(f, false, w.blur()))
	}
	for other, q := range w.model.people {
		if other == id {
			continue
		}
		if p.windows[other] != nil {
			ends = append(ends, w.ends(p.windows[other], false, blurred), w.ends(q.windows[id], false, blurred))
		}
		ends = append(ends, w.ends(p.block(other), false, blurred), w.ends(q.block(id), false, blurred),
			w.ends(p.edge(other), edge{}, blurred), w.ends(q.edge(id), edge{}, blurred))
	}
	for _, d := range p.devices {
		o := &op[bool]{start: start}
		d.leaving = append(d.leaving, o)
		ends = append(ends, func(err error) {
			o.end, o.failed = w.now(), err != nil || len(d.open) > 1
			if err == nil {
				w.condemn(d, o.start)
			}
		})
	}
	w.counts.calls++
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	_, err := call(ctx, w.backend(), address, "DELETE", "/v1/participants/"+id, nil, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, end := range ends {
		end(err)
	}
	e.end, e.failed = w.now(), err != nil
	w.mustTake(address, start, err)
	w.tell("%s is erased: %v", id, err)
}

// ends begins a change of a fact. w.mu is held, now and when it ends.
func (w *world) ends(f any, value any, blur time.Duration) ending {
	switch f := f.(type) {
	case *fact[string]:
		o := f.begin(w.now(), value.(string))
		return func(err error) { finishWithin(w, f, o, err, blur) }
	case *fact[bool]:
		o := f.begin(w.now(), value.(bool))
		return func(err error) { finishWithin(w, f, o, err, blur) }
	case *fact[remark]:
		o := f.begin(w.now(), value.(remark))
		return func(err error) { finishWithin(w, f, o, err, blur) }
	case *fact[edge]:
		o := f.begin(w.now(), value.(edge))
		return func(err error) { finishWithin(w, f, o, err, blur) }
	}
	panic("no such fact")
}

// errStale ends a message that is older than an erasure, for the model: nobody knows whether it
// counts.
var errStale = errors.New("older than an erasure")

// stale reports whether a message, sent at a time, may be older than an erasure of one of the two.
func (m *model) stale(a, b string, sent time.Duration) bool {
	return slices.ContainsFunc(slices.Concat(m.people[a].erasures, m.people[b].erasures), func(e *op[bool]) bool {
		return e.end == 0 || e.failed && e.end+stray > sent || e.end+blurred > sent
	})
}

// unswept reports whether a window of two may be there that was erased at one side of a cut. The
// sides have met, and handed over, when it is swept.
func (m *model) unswept(a, b *person, from, to time.Duration) bool {
	return slices.ContainsFunc(m.faults, func(f *fault) bool {
		return f.split && f.start <= to && (f.end == 0 || from <= f.end+meeting+settling) &&
			slices.ContainsFunc(slices.Concat(a.erasures, b.erasures), func(e *op[bool]) bool {
				return f.start <= e.start && (f.end == 0 || e.start <= f.end+settling)
			})
	})
}

// erasedAt is when somebody was surely erased last, before a time; false: never.
func (p *person) erasedAt(before time.Duration) (at time.Duration, ok bool) {
	for _, e := range p.erasures {
		if e.end != 0 && !e.failed && e.end < before {
			at, ok = max(at, e.start), true
		}
	}
	return at, ok
}

func init() {
	// The node that stood still has them as they were before, and pushes that to whoever owns them
	// now.
	stories["an erasure during a pause"] = story{3, func(node int) (all []step) {
		other := (node + 1) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 20 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: other},
				step{at: 12*time.Second + at, do: "override", id: id, value: "busy", node: other},
				step{
					at: 14*time.Second + at, do: "message", id: id, value: everybody[(i+1)%len(everybody)],
					node: other,
				},
				step{at: 36*time.Second + at, do: "erase", id: id, node: other},
				step{at: 58*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: other})
		}
		return append(all, step{at: 20 * time.Second, do: "pause", node: node, lasts: 31 * time.Second})
	}}
	// A cut-off node goes on with them as they were, and pushes that when it is back. Between two
	// sweeps, so that none mends it.
	stories["an erasure behind a cut"] = story{3, func(node int) (all []step) {
		other := (node + 1) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 20 * time.Millisecond
			all = append(all,
				step{
					at: 10*time.Second + at, do: "open", id: id, device: "tab", node: []int{node, other}[i%2],
					stays: true,
				},
				step{at: 12*time.Second + at, do: "override", id: id, value: "appear_offline", node: other},
				step{at: 62*time.Second + at, do: "erase", id: id, node: other})
		}
		return append(all,
			step{at: 50 * time.Second, do: "cut", node: node, lasts: 24 * time.Second},
			step{at: 118 * time.Second, do: "flip", id: everybody[1], device: "tab", value: "idle"})
	}}
	// Every second one is erased, comes back, and must not see those who hide.
	stories["others' windows end with an erasure"] = story{3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 20 * time.Millisecond
			all = append(all,
				step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: i % 3, stays: true},
				step{
					at: 12*time.Second + at, do: "message", id: id, value: everybody[(i+1)%len(everybody)],
					node: node,
				},
				step{at: 14*time.Second + at, do: "override", id: id, value: "appear_offline", node: node})
			if i%2 == 0 {
				all = append(all, step{at: 20*time.Second + at, do: "erase", id: id, node: (node + i/2) % 3})
			}
		}
		return append(all, step{at: 50 * time.Second, do: "flip", id: everybody[0], device: "tab", value: "idle"})
	}}
	// The window's owner dies, and what the next one has doesn't bring it back.
	stories["an erasure while another node comes, and one dies"] = story{3, func(node int) (all []step) {
		for i, id := range everybody {
			at := time.Duration(i) * 400 * time.Millisecond
			all = append(all,
				step{at: 8*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: i % 3},
				step{at: 9*time.Second + at, do: "override", id: id, value: "busy", node: node},
				step{
					at: 10*time.Second + at, do: "message", id: id, value: everybody[(i+1)%len(everybody)],
					node: node,
				},
				step{at: 20*time.Second + at, do: "erase", id: id, node: (node + 1) % 3},
				step{
					at: 65*time.Second + at, do: "beat", id: id, device: "http", value: "online",
					node: (node + 1) % 3,
				})
		}
		return append(all,
			step{at: 19 * time.Second, do: "visit", node: node, lasts: 60 * time.Second},
			step{at: 40 * time.Second, do: "kill", node: node, lasts: 15 * time.Second})
	}}
}

// TestErasedFromDisks: some minutes after an erasure no file of any node has the id, and one that
// was away, with its disk, has it no more some minutes after it is back.
func TestErasedFromDisks(t *testing.T) {
	const erased, other = "erased-somebody", "somebody-else"
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 3, everybody, slog.New(slog.DiscardHandler))
		w.dir = dir
		w.bootAll()
		sleep(w.ctx, settled)
		do := func(method, path string, body any) {
			t.Helper()
			ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
			defer cancel()
			if _, err := call(ctx, w.backend(), w.nodes[0].address, method, path, body, nil); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
		}
		for _, id := range []string{erased, other} {
			do("PUT", "/v1/presence/"+id+"/devices/tab", map[string]string{"activity": "online"})
			do("PUT", "/v1/presence/"+id+"/override", map[string]string{"override": "busy"})
			do("PUT", "/v1/participants/"+id, map[string]string{"kind": "human"})
		}
		for _, id := range append(everybody, other) {
			do("POST", "/v1/direct-messages",
				map[string]any{"direct_messages": []any{map[string]any{"participants": []string{erased, id}}}})
		}
		sleep(w.ctx, settling)
		for _, p := range w.nodes {
			if fileWith(t, filepath.Join(dir, p.id), erased) == "" {
				t.Fatalf("%s has never had it on its disk", p.id)
			}
		}
		away := w.nodes[2]
		n := away.node
		n.host.Kill()
		n.end()
		away.node = nil
		sleep(w.ctx, 20*time.Second)
		do("DELETE", "/v1/participants/"+erased, nil)
		sleep(w.ctx, 15*time.Second)
		for _, p := range w.nodes[:2] {
			if file := fileWith(t, filepath.Join(dir, p.id), erased); file != "" {
				t.Errorf("15 s after the erasure %s has it in %s", p.id, file)
			}
		}
		w.boot(2)
		sleep(w.ctx, 90*time.Second)
		for _, p := range w.nodes {
			if file := fileWith(t, filepath.Join(dir, p.id), erased); file != "" {
				t.Errorf("90 s after one came back %s has it in %s", p.id, file)
			}
			if fileWith(t, filepath.Join(dir, p.id), other) == "" {
				t.Errorf("%s has lost somebody else", p.id)
			}
		}
		w.end()
		time.Sleep(time.Minute)
	})
}

// fileWith is the file in a directory that has a text in it, if there is one.
func fileWith(t *testing.T, dir, text string) (file string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) || strings.Contains(path, text) {
			file = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}
