package presence

import (
	"context"
	"time"
)

// picks is what was said last of one thing, an override or a status, until the server has
// acknowledged it. From then on it is the server's to keep.
type picks struct {
	last *pick
	over error // why none is sent any more
}

type pick struct {
	message func(since time.Duration) request // since it was picked
	end     End
	at      time.Time
	sent    bool // on this connection
	outcome *outcome
}

// outcome is of a pick, and of those that it has overtaken.
type outcome struct {
	done chan struct{}
	err  error // once done is closed
}

func (p *picks) set(end End, message func(since time.Duration) request) *outcome {
	o := &outcome{done: make(chan struct{})}
	if p.last != nil {
		o = p.last.outcome
	}
	p.last = &pick{message: message, end: end, at: time.Now(), outcome: o}
	if p.over != nil {
		p.end(p.over)
	}
	return o
}

func (o *outcome) wait(ctx context.Context) error {
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *picks) next() *outgoing {
	last := p.last
	if last == nil || last.sent {
		return nil
	}
	since := time.Since(last.at)
	if last.end.over(since) {
		p.end(errOver)
		return nil
	}
	last.sent = true
	return &outgoing{last.message(since), func(r *reply) Event {
		p.answered(last, r)
		return nil
	}}
}

func (p *picks) answered(of *pick, r *reply) {
	refused := r.refusal()
	switch {
	case of != p.last: // overtaken
	case refused == nil:
		p.end(nil)
	case refused.Repeatable():
		of.sent = false
	default:
		p.end(refused)
	}
}

// end settles the pick, if there is one.
func (p *picks) end(err error) {
	if p.last == nil {
		return
	}
	p.last.outcome.err = err
	close(p.last.outcome.done)
	p.last = nil
}

func (p *picks) reset() {
	if p.last != nil {
		p.last.sent = false
	}
}
