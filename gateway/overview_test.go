package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster"
)

// shown is a cluster that looks as it is told.
type shown struct {
	Cluster
	description cluster.Description
	figures     map[string]cluster.Figures
	stats       cluster.Stats
}

func (s shown) Stats() cluster.Stats                               { return s.stats }
func (s shown) Describe() cluster.Description                      { return s.description }
func (s shown) Figures(context.Context) map[string]cluster.Figures { return s.figures }

// TestClusterShowsWhatIsBroken: what members say of each other is in the answer, and in the form
// that the contract has.
func TestClusterShowsWhatIsBroken(t *testing.T) {
	sees := func(missing ...string) map[string][]string {
		return map[string][]string{"n1": missing, "n2": missing, "n3": nil}
	}
	g := newGate(t, func(c *Config) {
		c.Cluster = shown{c.Cluster, cluster.Description{
			Partitions: 2, Fingerprint: "ab", Owners: []int{0, 0},
			Members: []cluster.Member{
				{ID: "n1", Role: "all", State: "serving", Partitions: 2, Self: true},
				{ID: "n2", Role: "shard", State: "serving", Out: true, Broken: []string{"n1"}},
				{ID: "n3", Role: "gateway", State: "serving"},
			},
		}, map[string]cluster.Figures{
			"n1": {
				Participants: 1, Devices: 2, Sockets: 3, Heartbeats: 4, Changes: 5, Version: "v1",
				Links: sees("hot"), Suspects: []string{"n3"},
			},
			"n2": {Version: "v2", NotReady: "left out", Remark: "no space", Links: sees(), Suspects: []string{"n3"}},
		}, cluster.Stats{}}
	})
	body := g.do("GET", "/v1/cluster", "root|a", "").want(200, "").body
	for _, want := range []string{
		`{"id":"n1","role":"all","state":"serving","partitions":2,"self":true,"out":false,"answered":true,"version":"v1",` +
			`"figures":{"participants":1,"devices":2,"sockets":3,"heartbeats":4,"changes":5}}`,
		`{"id":"n2","role":"shard","state":"serving","partitions":0,"self":false,"out":true,"answered":true,"version":"v2","not_ready":"left out","remark":"no space",` +
			`"figures":{"participants":0,"devices":0,"sockets":0,"heartbeats":0,"changes":0}}`,
		`{"id":"n3","role":"gateway","state":"serving","partitions":0,"self":false,"out":false,"answered":false,"suspected_by":["n1","n2"]}]`,
		`"pairs":[{"nodes":["n1","n2"],"links":"broken","ends":[` +
			`{"node":"n1","answered":true,"missing":["hot"],"unseen":false,"reported":false},` +
			`{"node":"n2","answered":true,"missing":[],"unseen":false,"reported":true}]}`,
		`{"nodes":["n1","n3"],"links":"unknown","ends":[` +
			`{"node":"n1","answered":true,"missing":[],"unseen":false,"reported":false},` +
			`{"node":"n3","answered":false,"missing":[],"unseen":false,"reported":false}]}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s\nis not in %s", want, body)
		}
	}
}

// TestNodeAnswersForTheGateway: its sockets, and why it is not ready.
func TestNodeAnswersForTheGateway(t *testing.T) {
	var notYet error
	g := newGate(t, func(c *Config) { c.Ready = func() error { return notYet } })
	says := func() cluster.Figures { return g.node.Figures(t.Context())["node-1"] }
	if f := says(); f.Sockets != 0 || f.NotReady != "" {
		t.Errorf("at the start: %+v", f)
	}
	notYet = errors.New("still joining")
	if f := says(); f.NotReady != "still joining" {
		t.Errorf("not ready: %+v", f)
	}
	notYet = nil
	g.s.Drain(t.Context())
	if f := says(); !strings.Contains(f.NotReady, "draining") {
		t.Errorf("draining: %+v", f)
	}
}
