package watch

import (
	"context"
	"time"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// What one go of watching again may take, and the pause before the next while something is left.
const (
	againTimeout = 1500 * time.Millisecond
	firstPause   = 50 * time.Millisecond // and twice as long with each go
	lastPause    = 500 * time.Millisecond
)

// maxWatch is how many ids, and maxPairs how many viewers of them, are asked about in one go.
const (
	maxWatch = 5000
	maxPairs = 1 << 15
)

// Run watches again what is due, until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	wait := firstPause
	silent := time.NewTicker(glimpseEvery)
	defer silent.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-silent.C:
			f.renewSilent()
		case <-f.wake:
		}
		now, ok := f.cut()
		if !ok {
			continue
		}
		f.watchAgain(ctx, &now)
		if f.isDone() {
			wait = firstPause
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, lastPause)
	}
}

// cut returns what is due; ok is false where nothing is, or nobody watches.
func (f *Feed) cut() (now due, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.due.empty() {
		return due{}, false
	}
	return f.due.cut(), f.sink != nil
}

func (f *Feed) isDone() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.due.empty()
}

// watchAgain asks about what the sink watches of what is due, for all who watch it here.
func (f *Feed) watchAgain(ctx context.Context, now *due) {
	var all []string
	for id := range f.sink.Watched {
		if now.has(f.Host.PartitionOf(id), id) {
			all = append(all, id)
		}
	}
	var questions []host.Question
	pairs := 0
	for i, id := range all {
		viewers := f.sink.Viewers(id)
		pairs += len(viewers)
		questions = appendPairs(questions, id, viewers)
		if len(questions) >= maxWatch || pairs >= maxPairs || i == len(all)-1 {
			if ctx.Err() != nil {
				return
			}
			f.learn(ctx, questions)
			questions, pairs = nil, 0
		}
	}
}

// appendPairs asks about one id for any number of viewers. Who watches it may have asked for its
// status.
func appendPairs(questions []host.Question, id string, viewers []shard.Viewer) []host.Question {
	for len(viewers) > shard.MaxViewers {
		q := host.Question{ID: id, Viewers: viewers[:shard.MaxViewers], With: shard.WithStatus}
		questions = append(questions, q)
		viewers = viewers[shard.MaxViewers:]
	}
	return append(questions, host.Question{ID: id, Viewers: viewers, With: shard.WithStatus})
}

// learn asks, and delivers the answers.
func (f *Feed) learn(ctx context.Context, questions []host.Question) {
	ctx, cancel := context.WithTimeout(ctx, againTimeout)
	defer cancel()
	sights := make([]host.Sight, len(questions))
	f.Watch(ctx, questions, sights)
	ids, updates := updatesOf(questions, sights)
	if len(updates) > 0 {
		f.sink.Deliver(updates)
	}
	f.sink.Review(ids)
}

// updatesOf makes updates of answers, and names the ids that were asked about. The questions about
// one id follow each other, and their answers become one update. An owner that can't tell how an id
// looks doesn't know either what that says of a viewer: what was known of the pair stands. But that
// it denies the viewer counts.
func updatesOf(questions []host.Question, sights []host.Sight) (ids []string, updates []host.Update) {
	for i := range questions {
		q, s := &questions[i], &sights[i]
		if i == 0 || q.ID != questions[i-1].ID {
			ids = append(ids, q.ID)
		}
		if !s.Answered() {
			continue
		}
		if last := len(updates) - 1; last < 0 || updates[last].ID != q.ID {
			updates = append(updates, host.Update{ID: q.ID, View: s.View})
		}
		u := &updates[len(updates)-1]
		if s.View.Order >= u.View.Order {
			u.View = s.View
		}
		for j, v := range q.Viewers {
			if trust := s.Trusts.Of(j); s.View.Public != shard.Unknown || trust == shard.Denied {
				u.Words = append(u.Words, host.Word{Viewer: v, Trust: trust, Order: s.View.Order})
			}
		}
	}
	return ids, updates
}
