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
	kept state = iota // hidden or denied: it looks like those of the next two
	gone
	control
	states
)

// kinds are the ways in which a viewer learns something, or may hope to; the last is of those whom
// somebody writes to.
var kinds = []string{
	"query", queryStatuses, "get", "subscribe", subscribeStatuses, "subscribe again", "unsubscribe", afterMessage,
}

const (
	queryStatuses     = "query with statuses"
	subscribeStatuses = "subscribe with statuses"
	afterMessage      = "event after a message"
)

// secret is something that time may not tell.
type secret struct {
	kept, gone string // who they are
	kinds      []string
	put        func(tw *town, v *viewer, next turn) (id string) // and whom the viewer asks about
}

var secrets = []secret{
	{"hidden", "gone", kinds, (*town).hide},
	// One who is denied is there, and somebody else was never seen: nobody has written to that one.
	{"denied", "never seen", kinds[:len(kinds)-1], (*town).deny},
}

// person is somebody who has written with a number of others.
type person struct {
	id      string
	windows int
	samples [states]map[string][]float64 // microseconds, by kind, one of each turn
}

// viewer is who asks: with two sockets, so that one of them asks about an id that is watched
// already.
type viewer struct {
	id, second string // whose sockets they are
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
			for i := range secrets {
				tw.keep(&secrets[i], v, all)
			}
		})
	}
}

// keep wants time not to tell a secret.
func (tw *town) keep(x *secret, v *viewer, all []*person) {
	tw.t.Helper()
	var told []string
	for try := range tries {
		tw.play(x, v, all, try)
		told = nil
		for _, kind := range x.kinds {
			told = append(told, x.compare(tw.t, kind, all)...)
		}
		if len(told) == 0 {
			return
		}
	}
	tw.t.Errorf("in each of %d tries time tells who is %s; in the last one:\n%s", tries, x.kept, strings.Join(told, "\n"))
}

func (tw *town) newViewer() *viewer {
	tw.t.Helper()
	v := &viewer{id: "viewer", second: "another-viewer", marker: tw.elsewhere("marker")}
	v.one, v.other = tw.connect(v.id), tw.connect(v.second)
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
func (tw *town) play(x *secret, v *viewer, all []*person, try int) {
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
		tw.measure(x, v, next, x.put(tw, v, next), try*len(turns)+i)
	}
}

// deny has a person be there, say something, and block the viewer, who has two names. Who was never
// seen is another one each time, and beside the person.
func (tw *town) deny(v *viewer, next turn) string {
	tw.t.Helper()
	path := "/v1/presence/" + next.p.id
	tw.do("service", "DELETE", path+"/override", nil)
	tw.do("service", "PUT", path+"/status", text("before"))
	for _, viewer := range []string{v.id, v.second} {
		tw.do("service", "PUT", "/v1/participants/"+next.p.id+"/blocks/"+viewer, nil)
	}
	tw.do("service", "PUT", path+"/devices/tab", map[string]string{"activity": "online"})
	if next.s == kept {
		return next.p.id
	}
	tw.strangers++
	return tw.elsewhere(fmt.Sprintf("%s-%d", next.p.id[:len("person-0")], tw.strangers))
}

// text is a status. All have as many bytes.
func text(s string) map[string]string { return map[string]string{"text": s} }

// hide puts a person into a state, by as many calls whichever it is. Who hides has two statuses, of
// which the viewer sees the one that stood.
func (tw *town) hide(_ *viewer, next turn) string {
	tw.t.Helper()
	path := "/v1/presence/" + next.p.id
	hide := map[string]string{"override": "appear_offline"}
	tw.do("service", "DELETE", path+"/devices/tab", nil)
	tw.do("service", "DELETE", path+"/override", nil)
	tw.do("service", "PUT", path+"/status", text("before"))
	tw.do("service", "PUT", path+"/override", hide) // nobody sees them come
	tw.do("service", "PUT", path+"/status", text("behind"))
	tw.do("service", "PUT", path+"/devices/tab", map[string]string{"activity": "online"})
	if next.s == kept {
		tw.do("service", "PUT", path+"/devices/tab", map[string]string{"activity": "online"})
		tw.do("service", "PUT", path+"/override", hide)
		return next.p.id
	}
	tw.do("service", "DELETE", path+"/devices/tab", nil)
	tw.do("service", "DELETE", path+"/override", nil)
	return next.p.id
}

// measure asks in each way about an id, which looks offline to the viewer whatever the state.
func (tw *town) measure(x *secret, v *viewer, next turn, id string, number int) {
	tw.t.Helper()
	offline := `"offline"`
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
		note(queryStatuses, v.one.askFully(tw.t, "query", id, offline))
		note(subscribeStatuses, v.one.askFully(tw.t, "subscribe", id, offline))
		v.one.ask(tw.t, "unsubscribe", id, "ok")
	}
	if slices.Contains(x.kinds, afterMessage) {
		note(afterMessage, tw.hearAfter(v, id, number))
	}
	for kind, all := range times {
		slices.Sort(all)
		samples := next.p.samples[next.s]
		samples[kind] = append(samples[kind], float64(all[len(all)/2])/float64(time.Microsecond))
	}
}

// hearAfter is how long it takes the viewer, who watches an id to which somebody writes, to hear of
// the marker.
func (tw *town) hearAfter(v *viewer, id string, number int) time.Duration {
	tw.t.Helper()
	v.one.ask(tw.t, "subscribe", id, `"offline"`)
	start := time.Now()
	tw.do("service", "POST", "/v1/direct-messages", map[string]any{
		"direct_messages": []any{map[string]any{"participants": []string{id, fmt.Sprint("stranger-", number)}}},
	})
	v.change(tw)
	took := time.Since(start)
	v.one.ask(tw.t, "unsubscribe", id, "ok")
	return took
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
func (x *secret) compare(t *testing.T, kind string, all []*person) (told []string) {
	t.Helper()
	var means []float64
	unsure := 0.0
	for _, p := range all {
		var mean [states]float64
		for s := range states {
			mean[s] = trimmed(p.samples[s][kind])
		}
		same := append(slices.Clone(p.samples[gone][kind]), p.samples[control][kind]...)
		limit, differs := max(noise(same), floor*trimmed(same)), math.Abs(mean[kept]-trimmed(same))
		t.Logf("%-22s %6d windows: %s %v, %s %v, control %v; differs by %v, noise %v", kind, p.windows,
			x.kept, micros(mean[kept]), x.gone, micros(mean[gone]), micros(mean[control]), micros(differs), micros(limit))
		if differs > limit {
			told = append(told,
				fmt.Sprintf("%s, %d windows: who is %s differs by %v, and those who aren't among themselves by %v at "+
					"most",
					kind, p.windows, x.kept, micros(differs), micros(limit)))
		}
		means = append(means, trimmed(slices.Concat(same, p.samples[kept][kind])))
		unsure = max(unsure, limit)
	}
	if most := slices.Max(means); most-unsure > atMost*means[0] {
		told = append(told, fmt.Sprintf("%s takes %v at most, and %v without windows", kind, micros(most),
			micros(means[0])))
	}
	return told
}
