package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// step is something that happens at a time. Each makes sense without the others, so that a script
// can be shortened.
type step struct {
	at     time.Duration
	do     string
	id     string // whose
	device string
	value  string // activity, override, the other one; of a fault the class of links
	node   int    // at, or to, which
	// of a fault; of a message, which is then an old one: until its window ends; 0: as long as
	// windows do
	lasts time.Duration
	stays bool // of a session: it connects to this node only, while that is up
	// of a fault; see world.cut, world.again, world.visit and so on. Of a glance: how many
	// milliseconds it is ahead
	way int
}

func (s step) String() string {
	return fmt.Sprintf("%9.3fs %s id=%s device=%s value=%s node=%d lasts=%v way=%d", s.at.Seconds(), s.do, s.id,
		s.device, s.value, s.node, s.lasts, s.way)
}

// plan is what a script is made of.
type plan struct {
	length time.Duration
	pause  time.Duration // between what clients do, on average
	faults []string      // of these
	every  time.Duration // about how often
	floods bool          // now and then loads of writes come amid a fault
	long   bool          // now and then a fault lasts for minutes

	remarked bool // with statuses, claims and ends
}

// write makes a script.
func (p plan) write(seed uint64, nodes int, ids []string) (script []step) {
	r := rand.New(rand.NewPCG(seed, 3))
	for at := settled; at < settled+p.length; at += time.Duration(r.ExpFloat64() * float64(p.pause)) {
		script = append(script, clientStep(r, at, nodes, ids))
	}
	script = append(script, p.sayings(seed, nodes, ids)...)
	script = append(script, p.remarks(seed, nodes, ids)...)
	if len(p.faults) > 0 {
		for at := settled + 40*time.Second; at < settled+p.length-p.every; {
			s := p.faultStep(r, at, nodes)
			script = append(script, s)
			if p.floods && r.IntN(2) == 0 {
				script = append(script, step{at: at + time.Second, do: "flood", node: r.IntN(nodes), lasts: floodLasts})
			}
			at += s.lasts + p.every/2 + time.Duration(r.Int64N(int64(p.every)))
		}
	}
	return inOrder(script)
}

func inOrder(script []step) []step {
	slices.SortStableFunc(script, func(a, b step) int { return int(a.at - b.at) })
	return script
}

func clientStep(r *rand.Rand, at time.Duration, nodes int, ids []string) step {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	s := step{at: at, id: pick(ids...), device: pick("tab", "phone"), node: r.IntN(nodes), way: r.IntN(12)}
	switch n := r.IntN(100); {
	case n < 22:
		s.do = "open"
	case n < 26:
		s.do = "drop"
	case n < 27:
		s.do = "crash"
	case n < 28:
		s.do, s.lasts = "sleep", 5*time.Second+time.Duration(r.Int64N(int64(2*deadline)))
		if s.way%2 == 0 {
			s.do, s.lasts = "freeze", 2*s.lasts+unattended/2
		}
	case n < 33:
		s.do = "goodbye"
	case n < 49:
		s.do, s.value = "flip", pick("online", "idle")
	case n < 51:
		s.do = "double"
	case n < 72:
		s.do, s.value = "override", pick("busy", "appear_offline", "appear_offline", "auto")
	case n < 78:
		s.do, s.value = "glance", pick("busy", "appear_offline", "auto")
	case n < 84:
		s.do, s.value = "message", pick(ids...)
	case n < 86:
		s.do, s.value = "register", pick("human", "human", "model")
	case n < 92:
		s.do, s.device, s.value = "beat", "http", pick("online", "idle")
	case n < 96:
		s.do, s.device, s.value = "beats", "http", pick("online", "idle")
	case n < 98:
		s.do, s.device = "signout", pick("tab", "phone", "http")
	default:
		s.do = "erase"
	}
	return s
}

func (p plan) faultStep(r *rand.Rand, at time.Duration, nodes int) step {
	s := step{at: at, do: p.faults[r.IntN(len(p.faults))], node: r.IntN(nodes), way: r.IntN(5)}
	s.lasts = 2*time.Second + time.Duration(r.Int64N(int64(20*time.Second)))
	if r.IntN(3) == 0 { // now and then for longer than a deadline
		s.lasts += time.Duration(r.Int64N(int64(80 * time.Second)))
	}
	if p.long {
		s.value = classes[r.IntN(len(classes))]
		if r.IntN(5) == 0 {
			s.lasts += 4 * time.Minute
		}
	}
	return s
}

// play does a script; its times begin when it does.
func (w *world) play(script []step) {
	begin := w.now()
	for _, s := range script {
		sleep(w.ctx, begin+s.at-w.now())
		if w.isBroken() {
			return
		}
		w.running.Go(func() { w.do(s) })
	}
}

func (w *world) do(s step) {
	w.mu.Lock()
	address := w.nodes[s.node].address
	w.tell("%s", s)
	w.mu.Unlock()
	switch s.do {
	case "open":
		w.enter(&session{id: s.id, deviceName: s.device, place: s.device, watches: w.few(s.id), home: w.home(s)},
			w.hostOf(s.id, s.device))
	case "watch":
		w.enter(&session{place: fmt.Sprint("events of ", s.node), stream: true, watches: w.ids, home: w.home(s)},
			fmt.Sprintf("10.6.0.%d", s.node+1))
	case "double": // the same device, elsewhere
		second := &session{id: s.id, deviceName: s.device, place: s.device + " elsewhere", watches: w.few(s.id)}
		w.enter(second, w.hostOf(s.id, s.device+" elsewhere"))
	case "glance": // at somebody who changes at that moment
		w.running.Go(func() { w.glance(s.id, nil, fmt.Sprintf("10.5.0.%d", s.node+1), 10*time.Second) })
		sleep(w.ctx, time.Duration(s.way)*time.Millisecond)
		w.override(s.id, s.value, address)
	case "look": // the same from one node, and nobody changes
		w.glance(s.id, w.nodes[s.node], fmt.Sprintf("10.5.0.%d", s.node+1), 10*time.Second)
	case "register":
		w.register(s.id, s.value, address)
	case "beats":
		w.beats(s.id, s.device, s.value, address)
	case "drop":
		if c := w.awake(s.id, s.device); c != nil {
			c.drop()
		}
	case "crash":
		if c := w.awake(s.id, s.device); c != nil {
			c.crash()
		}
	case "sleep":
		if c := w.get(s.id, s.device); c != nil {
			c.sleep(s.lasts)
		}
	case "freeze":
		if c := w.get(s.id, s.device); c != nil {
			c.freeze(s.lasts)
		}
	case "goodbye":
		if c := w.awake(s.id, s.device); c != nil {
			c.goodbye()
		}
	case "flip":
		if c := w.get(s.id, s.device); c != nil {
			_ = c.flip(s.value)
		}
	case "override":
		w.override(s.id, s.value, address)
	case "message":
		if s.value != s.id {
			w.message(s.id, s.value, address, s.lasts)
		}
	case "erase":
		w.erase(s.id, address)
	case "status", "claim", "pick":
		w.remark(s, address)
	case "block", "unblock", "edge", "default", "seen":
		_ = w.say(s, address) // it may fail, as others do
	case "beat":
		w.beat(s.id, s.device, s.value, address)
	case "flood":
		w.flood(s, address)
	case "signout":
		w.leave(s.id, s.device, func(ctx context.Context) error {
			_, err := call(ctx, w.backend(), address, "DELETE", "/v1/presence/"+s.id+"/devices/"+s.device, nil, nil)
			return err
		})
	default:
		w.fault(s)
	}
}

// home is where the session of a step stays, if it does.
func (w *world) home(s step) *place {
	if !s.stays {
		return nil
	}
	return w.nodes[s.node]
}

// backend is the host of whoever calls for others.
func (w *world) backend() *memnet.Host { return w.net.Host("10.3.0.1") }

// hostOf is where a device is.
func (w *world) hostOf(id, device string) string {
	i := slices.Index(w.ids, id)
	return fmt.Sprintf("10.1.%d.%d", i, 1+slices.Index([]string{"tab", "phone", "", "tab elsewhere", "phone elsewhere"},
		device))
}

// register says what somebody is.
func (w *world) register(id, kind, address string) {
	w.mu.Lock()
	f := w.model.people[id].ai
	o := f.begin(w.now(), kind == "model")
	w.counts.calls++
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	_, err := call(ctx, w.backend(), address, "PUT", "/v1/participants/"+id, map[string]string{"kind": kind}, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	finish(w, f, o, err)
	w.mustTake(address, o.start, err)
	w.tell("%s is registered as %s: %v", id, kind, err)
}

func (w *world) override(id, value, address string) {
	w.mu.Lock()
	f := w.model.people[id].override
	o := f.begin(w.now(), value)
	w.counts.calls++
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var err error
	if value == "auto" {
		_, err = call(ctx, w.backend(), address, "DELETE", "/v1/presence/"+id+"/override", nil, nil)
	} else {
		_, err = call(ctx, w.backend(), address, "PUT", "/v1/presence/"+id+"/override",
			map[string]string{"override": value}, nil)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	finish(w, f, o, err)
	w.mustTake(address, o.start, err)
	w.tell("%s picked %s: %v", id, value, err)
}

// finish tells the model how a call for a fact ended. w.mu is held.
func finish[T comparable](w *world, f *fact[T], o *op[T], err error) {
	finishWithin(w, f, o, err, w.blur())
}

// finishWithin is finish with a blur of its own.
func finishWithin[T comparable](w *world, f *fact[T], o *op[T], err error, blur time.Duration) {
	if err != nil {
		w.counts.failed++
		f.fail(w.now(), o)
	} else {
		f.done(w.now(), o, true, blur)
	}
}

// blur is how far apart calls must be to be stamped in their order. w.mu is held.
func (w *world) blur() time.Duration {
	if w.model.split(w.now(), w.now()) {
		return 2 * maxSkew
	}
	return 0
}

func (w *world) message(a, b, address string, lasts time.Duration) {
	if lasts == 0 {
		lasts = dmWindow
	}
	w.mu.Lock()
	sent := w.now() + lasts - dmWindow
	there, back := w.model.window(a, b), w.model.window(b, a)
	o, p := there.begin(w.now(), true), back.begin(w.now(), true)
	if before, ok := w.model.people[a].opened[b]; !ok || sent > before { // the latest counts
		w.model.people[a].opened[b], w.model.people[b].opened[a] = sent, sent
	}
	w.counts.calls++
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var got batchAnswer
	_, err := call(ctx, w.backend(), address, "POST", "/v1/direct-messages", map[string]any{
		"direct_messages": []any{map[string]any{"participants": []string{a, b}, "at": w.start.Add(sent)}},
	}, &got)
	err = got.of(0, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mustTake(address, o.start, err)
	if err == nil && w.model.stale(a, b, sent) {
		err = errStale
	}
	finish(w, there, o, err)
	finish(w, back, p, err)
	w.tell("%s wrote to %s: %v", a, b, err)
}

func (w *world) beat(id, name, activity, address string) {
	w.mu.Lock()
	d, start := w.model.device(id, name), w.now()
	w.mu.Unlock()
	err := w.signOf(d, activity, func() error {
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		defer cancel()
		_, err := call(ctx, w.backend(), address, "PUT", "/v1/presence/"+id+"/devices/"+name,
			map[string]string{"activity": activity}, nil)
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mustTake(address, start, err)
	w.tell("%s/%s beats at %s: %v", id, name, address, err)
}

// beats is a batch of heartbeats: of somebody's device, and of the next one's.
func (w *world) beats(id, name, activity, address string) {
	type heartbeat struct {
		ParticipantID string `json:"participant_id"`
		DeviceID      string `json:"device_id"`
		Activity      string `json:"activity"`
	}
	next := w.ids[(slices.Index(w.ids, id)+1)%len(w.ids)]
	var ends []func(error)
	var list []heartbeat
	start := w.now()
	for _, who := range []string{id, next} {
		w.mu.Lock()
		d := w.model.device(who, name)
		w.mu.Unlock()
		ends, list = append(ends, w.beginSign(d, activity)), append(list, heartbeat{who, name, activity})
	}
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var got batchAnswer
	_, err := call(ctx, w.backend(), address, "POST", "/v1/heartbeats", map[string]any{"heartbeats": list}, &got)
	for i, end := range ends {
		end(got.of(i, err))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mustTake(address, start, errors.Join(got.of(0, err), got.of(1, nil)))
	w.tell("%s/%s and %s/%s beat at %s: %v", id, name, next, name, address, err)
}

// batchAnswer says how the items of a batch went.
type batchAnswer struct {
	Accepted int `json:"accepted"`
	Rejected []struct {
		Index   int    `json:"index"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"rejected"`
}

// of is what came of one item, if the call as a whole went well.
func (a *batchAnswer) of(index int, err error) error {
	for _, r := range a.Rejected {
		if err == nil && r.Index == index {
			return fmt.Errorf("%s: %s", r.Code, r.Message)
		}
	}
	return err
}
