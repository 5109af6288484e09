package report

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

// measuredConstants are round numbers for mental arithmetic.
func measuredConstants() *result.Result {
	r := &result.Result{}
	for name, value := range map[string]float64{
		EmptyNode: 20e6, OneDevice: 100, TwoDevices: 150, Socket: 10_000, EmptyCPU: 0.01,
		BeatsCPU: 1e6, SocketBeatsCPU: 2e5, DeliveriesCPU: 1e5, BeatBytes: 100, SocketBeatBytes: 40, DeliveryBytes: 60,
	} {
		r.Figures = append(r.Figures, result.Figure{Name: name, Value: value})
	}
	return r
}

func wish() Wish {
	return Wish{
		Participants: 3e6, Devices: 2, Watch: 50, Changes: 3.6, Interval: 30 * time.Second, Nodes: 3,
		Cores: 2, Memory: 8, Network: 1, Sockets: 20_000, Fill: 0.6,
	}
}

func TestPlanAddsUp(t *testing.T) {
	p, err := Plan(wish(), []*result.Result{measuredConstants()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		resource string
		want     float64
	}{
		{"memory", 3*20e6 + 2*3e6*150 + 6e6*10_000},          // empty nodes, two copies, sockets
		{"CPU", 3*0.01 + 6e6/30/2e5 + 3e6*3.6/3600*50*2/1e5}, // empty nodes, heartbeats by socket, deliveries
		{"network", 6e6/30*40 + 3e6*3.6/3600*50*2*60},        //
		{"sockets", 6e6},        //
		{"what no plan has", 0}, //
	} {
		if got := total(p, c.resource); math.Abs(got-c.want) > 1e-6*c.want {
			t.Errorf("%s: %v, want %v", c.resource, got, c.want)
		}
	}
	// Six million sockets, 12,000 of which fill a node: 500 nodes, and one that may be lost.
	if b := p.Bottleneck(); b.Resource != "sockets" || p.Nodes != 501 || p.Fits() {
		t.Errorf("the bottleneck is %s, %d nodes, fits: %v; want sockets and 501", b.Resource, p.Nodes, p.Fits())
	}
}

// TestPlanHasEdges: two copies of each, and no word of them where there are none.
func TestPlanHasEdges(t *testing.T) {
	w := wish()
	w.Edges = 200
	with, err := Plan(w, []*result.Result{measuredConstants()})
	if err != nil {
		t.Fatal(err)
	}
	w.Edges = 0
	without, err := Plan(w, []*result.Result{measuredConstants()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := total(with, "memory")-total(without, "memory"), 2*3e6*200*edgeBytes; math.Abs(got-want) > 1 {
		t.Errorf("edges take %v, want %v", got, want)
	}
	if len(with.Costs) != len(without.Costs)+1 {
		t.Errorf("%d costs with edges, %d without", len(with.Costs), len(without.Costs))
	}
}

func TestPlanNamesTheFirstBottleneck(t *testing.T) {
	for want, change := range map[string]func(*Wish){
		"sockets": func(*Wish) {},
		"memory":  func(w *Wish) { w.Watch, w.Memory = 0, 0.3 },
		"CPU":     func(w *Wish) { w.Watch, w.Interval, w.Network = 0, time.Second, 100 },
		"network": func(w *Wish) { w.Watch, w.Network = 0, 0.01 },
	} {
		w := wish()
		change(&w)
		p, err := Plan(w, []*result.Result{measuredConstants()})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Bottleneck().Resource; got != want {
			t.Errorf("%s is named, want %s", got, want)
		}
		w.Nodes = p.Nodes
		enough, err := Plan(w, []*result.Result{measuredConstants()})
		if err != nil || !enough.Fits() {
			t.Errorf("%s: the %d nodes that it proposes are not enough: %v", want, p.Nodes, enough.Uses)
		}
		if w.Nodes > 2 {
			w.Nodes--
			if less, _ := Plan(w, []*result.Result{measuredConstants()}); less.Fits() {
				t.Errorf("%s: %d nodes are enough, %d are proposed", want, w.Nodes, p.Nodes)
			}
		}
	}
}

func TestPlanSaysWhatItSays(t *testing.T) {
	p, err := Plan(wish(), []*result.Result{measuredConstants()})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := p.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"first bottleneck is sockets", "grows with",
		"participants × watch × changes × devices", "501 are", "when one of them is lost",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

func TestPlanWithoutAConstant(t *testing.T) {
	r := measuredConstants()
	for i := range r.Figures {
		if r.Figures[i].Name == Socket {
			r.Figures[i].Name = "something else"
		}
	}
	_, err := Plan(wish(), []*result.Result{r})
	if !errors.Is(err, ErrConstant) || !strings.Contains(err.Error(), Socket) ||
		!strings.Contains(err.Error(), "presence-bench compare redis") || strings.Contains(err.Error(), BeatsCPU) {
		t.Errorf("%v; want what is missing, and how to get it", err)
	}
	w := wish()
	w.Watch = 0
	if _, err := Plan(w, []*result.Result{r}); err != nil {
		t.Errorf("nobody watches, so sockets don't matter: %v", err)
	}
	w.Nodes = 0
	if _, err := Plan(w, []*result.Result{r}); err == nil ||
		!strings.Contains(err.Error(), "--nodes is 0; it must be 1 to 1000") {
		t.Error(err)
	}
}

// measured reads a result that was really measured; testdata/README.md has the commands.
func measured(t *testing.T, name string) *result.Result {
	t.Helper()
	r, err := result.Read("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPlanAgainstMeasuredSizes: constants that were measured at a million participants predict what
// a node took with a fifth and with twice as many. Memory is right to a quarter. CPU, a hundredth
// of a core and less, is right to a half.
func TestPlanAgainstMeasuredSizes(t *testing.T) {
	for name, participants := range map[string]float64{"planned-200k.json": 200_000, "planned-2m.json": 2_000_000} {
		w := wish()
		w.Participants, w.Devices, w.Watch, w.Nodes = participants, 1, 0, 1
		p, err := Plan(w, []*result.Result{measured(t, "compare-redis.json")})
		if err != nil {
			t.Fatal(err)
		}
		took := measured(t, name)
		cores, ok := took.Find("server cores used")
		if !ok || took.Processes[0].Kind != result.Server {
			t.Fatalf("%s: no cores, or its first process is no server", name)
		}
		for _, check := range []struct {
			resource         string
			measured, within float64
		}{{"memory", float64(took.Processes[0].RSSEnd), 0.25}, {"CPU", cores.Value, 0.5}} {
			if off := total(p, check.resource)/check.measured - 1; math.Abs(off) > check.within {
				t.Errorf("%s of %v participants: %v planned, %v measured", check.resource, participants,
					total(p, check.resource), check.measured)
			}
		}
	}
}

func TestPlanNamesTheFlagThatIsTooSmall(t *testing.T) {
	for want, change := range map[string]func(*Wish){
		"--cores=0.1: an empty node needs 0.09 cores": func(w *Wish) { w.Cores = 0.1 },
		"--memory=0.1: an empty node needs 85.8 MiB":  func(w *Wish) { w.Memory = 0.1 },
	} {
		r := measuredConstants()
		for i, f := range r.Figures {
			switch f.Name {
			case EmptyCPU:
				r.Figures[i].Value = 0.09
			case EmptyNode:
				r.Figures[i].Value = 90e6
			}
		}
		w := wish()
		change(&w)
		if _, err := Plan(w, []*result.Result{r}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// total is what all nodes need of a resource.
func total(p *Planned, resource string) (sum float64) {
	for _, c := range p.Costs {
		if c.Resource == resource {
			sum += c.Amount
		}
	}
	return sum
}
