package redis

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
)

// fetcher asks Presence for the states of all participants.
type fetcher struct {
	api    *load.API
	people *people
	bodies [][]byte
}

func newFetcher(api *load.API, p *people) *fetcher {
	f := &fetcher{api: api, people: p}
	for _, ids := range p.batches {
		f.bodies = append(f.bodies, load.QueryBody(ids))
	}
	return f
}

func (f *fetcher) saturate(ctx context.Context, each time.Duration) (int64, error) {
	return contest.Saturate(ctx, each, func(ctx context.Context, i int) (int, error) {
		i %= len(f.bodies)
		answer, err := f.api.Query(ctx, f.bodies[i])
		if n := len(f.people.batches[i]); err == nil && bytes.Count(answer, contest.OnlineMark) != n {
			err = fmt.Errorf("a query of %d ids who are online: %d are", n, bytes.Count(answer, contest.OnlineMark))
		}
		return len(f.people.batches[i]), err
	})
}

// saturateMGet fetches with lists of up to size ids.
func (s *store) saturateMGet(ctx context.Context, p *people, size int, each time.Duration) (int64, error) {
	parts := batchSize / size
	return contest.Saturate(ctx, each, func(ctx context.Context, i int) (int, error) {
		ids := p.batches[i/parts%len(p.batches)]
		from := i % parts * size
		ids = ids[min(from, len(ids)):min(from+size, len(ids))]
		if len(ids) == 0 {
			return 0, nil
		}
		values, err := s.MGet(ctx, ids...).Result()
		if err != nil {
			return 0, fmt.Errorf("redis: MGET: %w", err)
		}
		for j, v := range values {
			if v == nil {
				return 0, fmt.Errorf("redis: MGET: %s isn't there", ids[j])
			}
		}
		return len(values), nil
	})
}
