package load

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Probe asks for states at a rate, and notes for how long the answers weren't whole.
type Probe struct {
	API     *API
	Records *Recorder
	IDs     []string // of participants who are all there
	Size    int      // ids in a question
	Rate    float64  // questions a second
	Workers int
	Name    func() string // of the latency, for a question that is due now; nil: Asking

	bodies   [][]byte
	lastGood atomic.Int64 // when the last whole answer came, in Unix nanoseconds
	lastBad  atomic.Int64 // when the last one came that failed, or had unknown in it
	longest  atomic.Int64 // the most nanoseconds between two whole answers
}

// Asking is the name of the latency of a Probe.
const Asking = "query"

// differentQuestions is how many questions are made beforehand, so that making them isn't measured.
const differentQuestions = 256

// Prepare makes the questions.
func (p *Probe) Prepare() {
	p.Size = min(p.Size, len(p.IDs))
	for range differentQuestions {
		ids := make([]string, p.Size)
		start, step := rand.IntN(len(p.IDs)), 1+rand.IntN(max(1, len(p.IDs)/p.Size))
		for i := range ids {
			ids[i] = p.IDs[(start+i*step)%len(p.IDs)]
		}
		p.bodies = append(p.bodies, QueryBody(ids))
	}
	if p.Name == nil {
		p.Name = func() string { return Asking }
	}
}

// Run asks for d, or until ctx ends.
func (p *Probe) Run(ctx context.Context, d time.Duration) {
	Schedule{Rate: p.Rate, Workers: p.Workers, Units: int64(p.Size), Do: p.ask}.Run(ctx, d, p.Records)
}

func (p *Probe) ask(ctx context.Context, i int64, due time.Time) {
	name := p.Name()
	raw, err := p.API.Query(ctx, p.bodies[i%int64(len(p.bodies))])
	if err == nil && states(raw) != p.Size {
		err = ErrIncomplete
	}
	p.Records.Done(name, due, int64(p.Size), err)
	if ctx.Err() != nil {
		return
	}
	offline, unknown := Tally(raw)
	p.Records.FalseOffline.Add(offline)
	p.Records.Unknown.Add(unknown)
	if err == nil {
		p.Records.Asked.Add(int64(p.Size))
	}
	p.judge(err == nil && unknown == 0)
}

func states(raw []byte) (n int) {
	EachState(raw, func(_, _ []byte) { n++ })
	return n
}

func (p *Probe) judge(whole bool) {
	now := time.Now().UnixNano()
	if !whole {
		p.lastBad.Store(now)
		return
	}
	gap := now - p.lastGood.Swap(now)
	for old := p.longest.Load(); gap > old && gap < now; old = p.longest.Load() {
		if p.longest.CompareAndSwap(old, gap) {
			return
		}
	}
}

// Longest is the longest time between two whole answers since the last Forget, or the time since
// the last one if that is longer. It is never below the time between two questions.
func (p *Probe) Longest() time.Duration {
	longest := p.longest.Load()
	if last := p.lastGood.Load(); last != 0 {
		longest = max(longest, time.Now().UnixNano()-last)
	}
	return time.Duration(longest)
}

// LastBad is when the last answer came that failed or had unknown in it, or the zero time.
func (p *Probe) LastBad() time.Time {
	if at := p.lastBad.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// Forget makes Longest and LastBad begin anew.
func (p *Probe) Forget() {
	p.longest.Store(0)
	p.lastBad.Store(0)
}
