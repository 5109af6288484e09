package timing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// state is what a person is put into for a turn.
type state int

const (
	hidden state = iota
	gone
	control
	states
)

// kinds are the ways in which a viewer learns something, or may hope to.
var kinds = []string{"query", "get", "subscribe", "subscribe again", "unsubscribe", "event after a message"}

// person is somebody who has written with a number of others.
type person struct {
	id      string
	windows int
	samples [states]map[string][]float64 // microseconds, by kind, one of each turn
}

// viewer is who asks: with two sockets, so that one of them asks about an id that is watched
// already.
type viewer struct {
	id         string
	one, other *socket
	marker     string // whom both watch, and who changes after a message
	online     bool
}

// askedEach is how often each kind of question is asked in a turn. The median counts: what is asked
// at one time is slow together when the machine is busy, so it is one sample, not many.
const askedEach = 5

// tries is how often all is played while something seems to differ: chance does it once, who hides
// each time.
const tries = 3

// TestTime plays the turns at one node, and at one of three.
func TestTime(t *testing.T) {
	for _, nodes := range []int{1, 3} {
		t.Run(fmt.Sprint(nodes, " nodes"), func(t *testing.T) {
			tw := newTown(t, nodes)
			var all []*person
			for _, n := range windows(t) {
				all = append(all, tw.newPerson(n))
			}
			v := tw.newViewer() // only now: a socket that nobody reads answers no pings
			var told []string
			for try := range tries {
				tw.play(v, all, try)
				told = nil
				for _, kind := range kinds {
					told = append(told, compare(t, kind, all)...)
				}
				if len(told) == 0 {
					return
				}
			}
			t.Errorf("in each of %d tries time tells something; in the last one:\n%s", tries, strings.Join(told, "\n"))
		})
	}
}

func (tw *town) newViewer() *viewer {
	tw.t.Helper()
	v := &viewer{id: "viewer", marker: tw.elsewhere("marker")}
	v.one, v.other = tw.connect(v.id), tw.connect("another-viewer")
	v.one.ask(tw.t, "subscribe", v.marker, `"offline"`)
	return v
}

func (tw *town) newPerson(windows int) *person {
	tw.t.Helper()
	p := &person{id: tw.elsewhere(fmt.Sprintf("person-%d", windows)), windows: windows}
	tw.writes(p.id, "other-", windows)
	return p
}

// forget drops the samples of an earlier try.
func (p *person) forget() {
	for s := range p.samples {
		p.samples[s] = make(map[string][]float64)
	}
}

// turn is one of a person's.
type turn struct {
	p *person
	s state
}

// play has everybody be in each state for a number of turns, in any order.
func (tw *town) play(v *viewer, all []*person, try int) {
	tw.t.Helper()
	for _, p := range all {
		p.forget()
	}
	var turns []turn
	for range *rounds {
		for _, p := range all {
			for s := range states {
				turns = append(turns, turn{p, s})
			}
		}
	}
	r := rand.New(rand.NewPCG(uint64(len(tw.nodes)), 7))
	r.Shuffle(len(turns), func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
	for i, next := range turns {
		tw.put(next)
		tw.measure(v, next, try*len(turns)+i)
	}
}

// put puts a person into a state, by as many calls whichever it is.
func (tw *town) put(next turn) {
	tw.t.Helper()
	path := "/v1/presence/" + next.p.id
	hide := map[string]string{"override": "appear_offline"}
	tw.do("service", "DELETE", path+"/devices/tab", nil)
	tw.do("service", "PUT", path+"/override", hide) // nobody sees them come
	tw.do("service", "PUT", path+"/devices/tab", map[string]string{"activity": "online"})
	if next.s == hidden {
		tw.do("service", "PUT", path+"/devices/tab", map[string]string{"activity": "online"})
		tw.do("service", "PUT", path+"/override", hide)
		return
	}
	tw.do("service", "DELETE", path+"/devices/tab", nil)
	tw.do("service", "DELETE", path+"/override", nil)
}

// measure asks in each way. The person looks offline to the viewer, whatever the state.
func (tw *town) measure(v *viewer, next turn, number int) {
	tw.t.Helper()
	id, offline := next.p.id, `"offline"`
	times := make(map[string][]time.Duration)
	note := func(kind string, took time.Duration) { times[kind] = append(times[kind], took) }
	v.one.ask(tw.t, "query", id, offline) // what has just been written is on its way no more
	for range askedEach {
		note("query", v.one.ask(tw.t, "query", id, offline))
		note("get", tw.do(v.id, "GET", "/v1/presence/"+id, nil))
		note("subscribe", v.one.ask(tw.t, "subscribe", id, offline))
		note("subscribe again", v.other.ask(tw.t, "subscribe", id, offline))
		v.other.ask(tw.t, "unsubscribe", id, "ok")
		note("unsubscribe", v.one.ask(tw.t, "unsubscribe", id, "ok"))
	}
	v.one.ask(tw.t, "subscribe", id, offline)
	start := time.Now()
	tw.do("service", "POST", "/v1/direct-messages", map[string]any{
		"direct_messages": []any{map[string]any{"participants": []string{id, fmt.Sprint("stranger-", number)}}},
	})
	v.change(tw)
	note("event after a message", time.Since(start))
	v.one.ask(tw.t, "unsubscribe", id, "ok")
	for kind, all := range times {
		slices.Sort(all)
		samples := next.p.samples[next.s]
		samples[kind] = append(samples[kind], float64(all[len(all)/2])/float64(time.Microsecond))
	}
}

// change has the marker come or go, and waits until the viewer is told.
func (v *viewer) change(tw *town) {
	tw.t.Helper()
	path := "/v1/presence/" + v.marker + "/devices/tab"
	if v.online = !v.online; v.online {
		tw.do("service", "PUT", path, map[string]string{"activity": "online"})
		v.one.await(fmt.Sprintf(`"%s":"online"`, v.marker))
		return
	}
	tw.do("service", "DELETE", path, nil)
	v.one.await(fmt.Sprintf(`"%s":"offline"`, v.marker))
}

const (
	atMost = 1.2  // how much more many windows may cost than none
	floor  = 0.02 // a difference of which share is taken for noise in any case: of 50 µs one
)

// compare judges the samples of one kind, and says what is wrong with them.
func compare(t *testing.T, kind string, all []*person) (told []string) {
	t.Helper()
	var means []float64
	unsure := 0.0
	for _, p := range all {
		var mean [states]float64
		for s := range states {
			mean[s] = trimmed(p.samples[s][kind])
		}
		same := append(slices.Clone(p.samples[gone][kind]), p.samples[control][kind]...)
		limit, differs := max(noise(same), floor*trimmed(same)), math.Abs(mean[hidden]-trimmed(same))
		t.Logf("%-22s %6d windows: hidden %v, gone %v, control %v; differs by %v, noise %v", kind, p.windows,
			micros(mean[hidden]), micros(mean[gone]), micros(mean[control]), micros(differs), micros(limit))
		if differs > limit {
			told = append(told,
				fmt.Sprintf("%s, %d windows: who hides differs by %v, and those who don't among themselves by %v at "+
					"most",
					kind, p.windows, micros(differs), micros(limit)))
		}
		means = append(means, trimmed(slices.Concat(same, p.samples[hidden][kind])))
		unsure = max(unsure, limit)
	}
	if most := slices.Max(means); most-unsure > atMost*means[0] {
		told = append(told, fmt.Sprintf("%s takes %v at most, and %v without windows", kind, micros(most),
			micros(means[0])))
	}
	return told
}
