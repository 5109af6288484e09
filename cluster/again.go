package cluster

import (
	"context"

	"github.com/scaiwave/presence/shard"
)

// maxWatch is how many ids, and maxPairs how many viewers of them, are asked about again in one go.
const (
	maxWatch = 5000
	maxPairs = 1 << 15
)

// watchAgain asks about what the sink watches in dirty partitions, and about ids, for all who watch them here.
func (f *feed) watchAgain(ctx context.Context, dirty map[int]struct{}, ids map[string]struct{}) {
	var all []string
	for id := range f.sink.Watched {
		_, one := ids[id]
		if _, ok := dirty[f.node.partitionOf(id)]; ok || one {
			all = append(all, id)
		}
	}
	var questions []Question
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

// appendPairs asks about one id for any number of viewers.
func appendPairs(questions []Question, id string, viewers []shard.Key) []Question {
	for len(viewers) > shard.MaxViewers {
		questions = append(questions, Question{ID: id, Viewers: viewers[:shard.MaxViewers]})
		viewers = viewers[shard.MaxViewers:]
	}
	return append(questions, Question{ID: id, Viewers: viewers})
}

// learn asks, and delivers the answers. Those about one id follow each other, and become one update.
func (f *feed) learn(ctx context.Context, questions []Question) {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	sights := make([]Sight, len(questions))
	f.node.Watch(ctx, questions, sights)
	var updates []Update
	var ids []string
	for i := range questions {
		q, s := &questions[i], &sights[i]
		if i == 0 || q.ID != questions[i-1].ID {
			ids = append(ids, q.ID)
		}
		if !s.Answered() {
			continue
		}
		if last := len(updates) - 1; last < 0 || updates[last].ID != q.ID {
			updates = append(updates, Update{ID: q.ID, View: s.View})
		}
		u := &updates[len(updates)-1]
		if s.View.Order >= u.View.Order {
			u.View = s.View
		}
		for j, v := range q.Viewers {
			u.Words = append(u.Words, Word{Viewer: v.ID, Excepted: s.Excepted>>j&1 == 1, Order: s.View.Order})
		}
	}
	if len(updates) > 0 {
		f.sink.Deliver(updates)
	}
	f.sink.Review(ids)
}
