package docs_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/scaiwave/presence"

// goPackage is what `go list` says of one package of this module.
type goPackage struct {
	ImportPath     string
	Doc            string
	Dir            string
	GoFiles        []string
	IgnoredGoFiles []string
	Imports        []string
}

func (p goPackage) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// layer is the first part of a package's path.
func layer(path string) string {
	name, _, _ := strings.Cut(path, "/")
	return name
}

func packages(t *testing.T) (all []goPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,GoFiles,IgnoredGoFiles,Imports",
		module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// below has the layers that a layer may import, besides its own packages.
var below = map[string][]string{
	"cmd":     {"gateway", "cluster", "shard", "bench", "client", "docs", "compat"},
	"bench":   {"cluster", "shard", "client"},
	"gateway": {"cluster", "shard", "docs"},
	"cluster": {"shard"},
	"shard":   {},
	"client":  {}, // other modules import it, and are to link no more than it
	"docs":    {},
	"compat":  {}, // for tests alone

	"examples": {"client"}, // people copy them, and import the client
}

// rooms are the packages below cluster, from the highest to the lowest. Of those on one line none
// may import another: what two of them need stands below both. docs/architecture.md says what each
// is for, in the same order.
var rooms = [][]string{
	{"sweep"},
	{"ask", "handoff", "watch"},
	{"call", "replica", "keep"},
	{"view", "message"},
	{"gossip", "disk"},
	{"link"},
	{"keyfiles", "unproven", "protocol"},
	{"memnet"}, // for tests alone
}

// floor is the line of rooms on which a package stands; the higher the package, the lower the
// number. The facade is above all rooms. ok is false for what is no part of cluster.
func floor(name string) (n int, ok bool) {
	room, ok := strings.CutPrefix(name+"/", "cluster/")
	if room == "" || !ok {
		return -1, ok
	}
	return slices.IndexFunc(rooms, func(floor []string) bool {
		return slices.Contains(floor, strings.TrimSuffix(room, "/"))
	}), true
}

// only says which layers may import something from outside, and why nobody else.
var only = []struct {
	prefix string
	layers []string
	reason string
}{
	{
		"github.com/coder/websocket",
		[]string{"gateway", "cluster", "client"},
		"sockets are between clients and gateways, and between nodes",
	},
	{"github.com/hashicorp/memberlist", []string{"cluster"}, "the layers above know members, not gossip"},
	{module + "/cluster/memnet", nil, "it is a network for tests"},
	{
		"encoding/json",
		[]string{"bench", "client", "examples"},
		"it takes names in any case and repeated names; read with gateway/wire",
	},
}

// notInShard is what would make the core depend on when and where it runs: packages, without what
// is below them.
var notInShard = []string{
	"context", "crypto/rand", "io", "log", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os",
	"sync", "sync/atomic", "time",
}

func TestImportsOnlyGoDown(t *testing.T) {
	for _, p := range packages(t) {
		from := layer(p.name())
		allowed, known := below[from]
		if !known {
			t.Errorf("%s: a layer that docs/architecture.md does not know", p.name())
		}
		for _, path := range p.Imports {
			ours, ok := strings.CutPrefix(path, module+"/")
			if ok && layer(ours) != from && !slices.Contains(allowed, layer(ours)) {
				t.Errorf("%s imports %s: imports go down, cmd > gateway > cluster > shard", p.name(), ours)
			}
			for _, o := range only {
				if strings.HasPrefix(path, o.prefix) && !slices.Contains(o.layers, from) {
					t.Errorf("%s imports %s: %s", p.name(), path, o.reason)
				}
			}
			if p.name() == "shard" && slices.Contains(notInShard, path) {
				t.Errorf("shard imports %s: the core is a state machine; "+
					"time comes in as a tick, effects go out as data", path)
			}
		}
	}
}

func TestImportsOfRoomsOnlyGoDown(t *testing.T) {
	for _, p := range packages(t) {
		from, ok := floor(p.name())
		if !ok {
			continue
		}
		if from < 0 && p.name() != "cluster" {
			t.Errorf("%s: a room that the table of rooms does not know", p.name())
		}
		for _, path := range p.Imports {
			ours := strings.TrimPrefix(path, module+"/")
			if to, ok := floor(ours); ok && to <= from {
				t.Errorf("%s imports %s: a room imports only those that stand below it", p.name(), ours)
			}
		}
	}
}

// TestTheDrawingHasEveryPackage: the page of layers is where a reader looks for what there is.
func TestTheDrawingHasEveryPackage(t *testing.T) {
	_, drawing, _ := strings.Cut(pages(t)["docs/architecture.md"], "\n## Layers\n")
	drawing, _, _ = strings.Cut(drawing, "\n## ")
	for _, p := range packages(t) {
		if drawn := layer(p.name()); drawn != "cluster" && drawn != "gateway" && drawn != "shard" {
			continue
		}
		base := p.name()[strings.LastIndexByte(p.name(), '/')+1:]
		if !strings.Contains(drawing, " "+p.name()+" ") && !strings.Contains(drawing, " "+base+" ") {
			t.Errorf("the drawing of layers in docs/architecture.md lacks %s", p.name())
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.name())
		}
	}
}
