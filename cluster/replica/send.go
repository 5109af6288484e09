package replica

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

const (
	// Pauses before what wasn't taken is sent again.
	firstRetry = 20 * time.Millisecond
	lastRetry  = 500 * time.Millisecond

	// callTimeout is for one call. What is under way on a link that has just broken is sent again
	// by another way after that.
	callTimeout = 2 * time.Second
)

// start begins a stream. m.mu is held.
func (m *Mirror) start(target link.Name) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{target: target, wake: make(chan struct{}, 1), stop: cancel}
	m.streams[target] = s
	m.running.Go(func() { m.run(ctx, s) })
}

// run sends what is on a stream's list, and after a pause what was refused.
func (m *Mirror) run(ctx context.Context, s *stream) {
	wait, retry := firstRetry, (<-chan time.Time)(nil) // runs while something was refused
	for {
		select {
		case <-ctx.Done():
			return
		case <-retry:
			retry = nil
			m.again(s)
		case <-s.wake:
		}
		for ctx.Err() == nil && m.flush(ctx, s) {
		}
		switch {
		case !m.refusedAny(s):
			wait, retry = firstRetry, nil
		case retry == nil:
			retry = time.After(wait)
			wait = min(2*wait, lastRetry)
		}
	}
}

// again puts on the list what the target didn't take.
func (m *Mirror) again(s *stream) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.dirty, s.refused = append(s.dirty, s.refused...), nil
}

func (m *Mirror) refusedAny(s *stream) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(s.refused) > 0
}

// flush sends a batch, if there is something to send.
func (m *Mirror) flush(ctx context.Context, s *stream) bool {
	number := m.next()
	batch := m.load(s)
	if len(batch) == 0 {
		return false
	}
	m.begin(s, number)
	direct := m.peers.Answers(s.target, link.Bulk)
	sending, again := context.WithCancel(ctx)
	slow := time.AfterFunc(slowAfter, func() { m.slowed(s, number, direct, again) })
	answers, err := m.send(sending, s.target, number, batch)
	slow.Stop()
	again()
	if err != nil && !direct && m.peers.IsCutOff(s.target) {
		m.giveUp(s, number)
	}
	if m.note(s, batch, answers, err) {
		m.failures.Add(1)
	}
	return true
}

func (m *Mirror) send(ctx context.Context, to link.Name, number uint64, batch []Shipment) (answers []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	payload := appendCall(number, batch)
	err = m.peers.Call(ctx, to, link.Bulk, message.OpReplicate, payload, func(reply []byte) error {
		answers = append(answers, reply...)
		return nil
	})
	if err == nil && len(answers) != len(batch) {
		err = message.ErrDamaged
	}
	return answers, err
}
