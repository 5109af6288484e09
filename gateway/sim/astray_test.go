package sim

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// Why a node doesn't find the others.
const (
	nobodyThere = iota // where its seeds are is nobody
	cutOff             // its network is down for a while; then it finds them
	wrongKey           // nobody can read what it says
	astrayWays
	ownDisk = -1 // nobody is there, and its disk says that it was among others; for stories alone
)

func astrayWay(s step) int { return s.way % astrayWays }

// otherKeys is the name of the file, beside that of the nodes' gossip keys, with a key that none of
// them has.
const otherKeys = "others"

// writeKeys makes both files, and returns the path of the nodes'.
func writeKeys(t *testing.T) string {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	for name, key := range map[string]string{
		path:                          "0123456789abcdef",
		filepath.Join(dir, otherKeys): "fedcba9876543210",
	} {
		if err := os.WriteFile(name, []byte(base64.StdEncoding.EncodeToString([]byte(key))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// goAstray starts a node that doesn't find the others, and has clients ask it. It serves alone, and
// knows whom it has met: of everybody else it can't say that they are offline.
func (w *world) goAstray(s step) {
	w.mu.Lock()
	i := len(w.nodes)
	p := &place{
		id: fmt.Sprintf("a%d", i), address: fmt.Sprintf("10.0.210.%d", i), clock: clock{start: w.start},
		visitor: true, astray: true,
	}
	k := kit{id: p.id, address: p.address, clock: &p.clock, seeds: w.seeds(), keys: w.keys, log: w.log}
	switch astrayWay(s) {
	case nobodyThere:
		k.seeds = []string{fmt.Sprintf("10.9.9.9:%d", gossipPort), fmt.Sprintf("10.9.9.10:%d", gossipPort)}
	case ownDisk:
		k.seeds, k.dir = []string{fmt.Sprintf("10.9.9.9:%d", gossipPort)}, filepath.Join(w.dir, p.id)
		w.noteCluster(k.dir)
		p.knew = true
	case wrongKey:
		k.keys = filepath.Join(filepath.Dir(w.keys), otherKeys)
	case cutOff:
		for _, other := range w.nodes {
			w.net.Cut(p.address, other.address)
			w.net.Cut(other.address, p.address)
		}
	}
	w.nodes = append(w.nodes, p)
	w.mu.Unlock()
	w.bootWith(p, k)
	w.mu.Lock()
	n := p.node
	w.mu.Unlock()
	if n == nil {
		return
	}
	h := w.net.Host("10.7.0.1")
	for until := w.now() + s.lasts; w.now() < until && w.ctx.Err() == nil; sleep(w.ctx, 5*time.Second) {
		w.askAstray(h, p)
	}
	if astrayWay(s) == cutOff && w.ctx.Err() == nil {
		w.comeHome(p)
		w.depart(p, n)
		return
	}
	w.mu.Lock()
	p.node = nil
	w.mu.Unlock()
	n.host.Kill()
	n.end()
}

// native is somebody whom only the node that is astray has met.
const native = "native"

// askAstray has somebody beat there, and asks for them and everybody else.
func (w *world) askAstray(h *memnet.Host, p *place) {
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	_, err := call(ctx, h, p.address, "PUT", "/v1/presence/"+native+"/devices/tab",
		map[string]string{"activity": "online"}, nil)
	var got map[string]string
	if err == nil {
		_, err = call(ctx, h, p.address, "POST", "/v1/presence/query",
			map[string]any{"ids": append([]string{native}, w.ids...)}, &got)
	}
	var one struct {
		State    string     `json:"state"`
		LastSeen *time.Time `json:"last_seen"`
	}
	if err == nil {
		_, err = call(ctx, h, p.address, "GET", "/v1/presence/"+w.ids[0]+"?viewer="+native, nil, &one)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if w.ctx.Err() == nil {
			w.broken("%s, which is alone, does not serve: %v", p.id, err)
		}
		return
	}
	w.counts.answers += len(got) + 1
	got[w.ids[0]+" alone"] = one.State
	for id, state := range got {
		if want := w.sayAstray(p, id); state != want {
			w.broken("%s, which has found nobody, says that %s is %s; it can say %s", p.id, id, state, want)
		}
	}
	if one.LastSeen != nil {
		w.broken("%s, which has found nobody, says that %s was last seen at %v", p.id, w.ids[0], one.LastSeen)
	}
}

// sayAstray is what a node that has found nobody can say of somebody. If it was among others, they
// may know that whoever is there hides.
func (w *world) sayAstray(at *place, id string) string {
	if p := w.model.people[id]; id == native && !at.knew || p != nil && p.prefix {
		return "online"
	}
	return "unknown"
}

// noteCluster makes a disk that is like that of a node which is there, but for what participants
// have said.
func (w *world) noteCluster(dir string) {
	const note = "cluster"
	from := os.DirFS(filepath.Join(w.dir, w.nodes[0].id))
	b, err := fs.ReadFile(from, note)
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, note), b, 0o600)
	}
	if err != nil {
		w.broken("no disk of a node that was among others: %v", err)
	}
}

// comeHome has the node find the others: they learn whom it has met.
func (w *world) comeHome(p *place) {
	w.mu.Lock()
	f := &fault{what: "return of " + p.id, start: w.now()}
	w.model.faults = append(w.model.faults, f)
	w.mu.Unlock()
	w.net.Heal()
	sleep(w.ctx, meeting+answering)
	w.mu.Lock()
	f.end = w.now()
	address := w.anyUp("")
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var got map[string]string
	_, err := call(ctx, w.backend(), address, "POST", "/v1/presence/query", map[string]any{"ids": []string{native}},
		&got)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() == nil && (err != nil || got[native] != "online") {
		w.broken("%s has found the others, and one says that who is at it is %q (%v)", p.id, got[native], err)
	}
}
