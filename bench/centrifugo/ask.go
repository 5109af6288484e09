package centrifugo

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
)

// asked is how many sockets are connected at most, of those who are asked for.
const asked = 1000

// queries compares how many of those who are connected can be asked for.
func (r *run) queries(ctx context.Context) error {
	n := min(asked, r.Sockets)
	ours, err := r.ours(ctx, 0, n)
	if err != nil {
		return err
	}
	defer ours.close()
	theirs, err := r.theirs(ctx, 0, n)
	if err != nil {
		return err
	}
	defer theirs.close()
	var ids []string
	for i := range n {
		ids = append(ids, person(i))
	}
	return r.Alternate(ctx, r.pids(),
		r.question("ids asked for, 1 at a time (POST /v1/presence/query; /api/presence or presence_stats)", ids, 1),
		r.question("ids asked for, 100 at a time (POST /v1/presence/query; /api/batch of them)", ids, 100))
}

// question is the work of asking for ids, so many at a time.
func (r *run) question(name string, ids []string, size int) *contest.Work {
	lists := slices.Collect(slices.Chunk(ids, size))
	ours := askOurs(r.api, lists)
	w := &contest.Work{Name: name, Ours: func(ctx context.Context) (int64, error) { return r.saturate(ctx, ours) }}
	for _, q := range questions {
		theirs := askTheirs(r.server.api, lists, q.method, q.mark)
		w.Theirs = append(w.Theirs, contest.Variant{
			Name: q.method,
			Do:   func(ctx context.Context) (int64, error) { return r.saturate(ctx, theirs) },
		})
	}
	return w
}

// asker asks one server, again and again, whether those of lists are online.
type asker struct {
	api    *load.API
	path   string
	bodies [][]byte
	lists  [][]string
	mark   []byte // is in an answer once for each who is online
}

func (r *run) saturate(ctx context.Context, a *asker) (int64, error) {
	return contest.Saturate(ctx, r.Each, func(ctx context.Context, i int) (int, error) {
		i %= len(a.bodies)
		n := len(a.lists[i])
		answer, err := a.api.Post(ctx, a.path, a.bodies[i])
		if err == nil && bytes.Count(answer, a.mark) != n {
			err = fmt.Errorf("%s of %d who are online: %d are: %.200s", a.path, n, bytes.Count(answer, a.mark), answer)
		}
		return n, err
	})
}

// askOurs asks Presence for lists of ids.
func askOurs(api *load.API, lists [][]string) *asker {
	a := &asker{api: api, path: "/v1/presence/query", lists: lists, mark: contest.OnlineMark}
	for _, ids := range lists {
		a.bodies = append(a.bodies, load.QueryBody(ids))
	}
	return a
}

// questions are what Centrifugo can be asked of a channel: who is there, or how many are. With each
// is what an answer has in it for one client.
var questions = []struct{ method, mark string }{
	{"presence", `"client":"`},
	{"presence_stats", `"num_clients":1`},
}

// askTheirs asks Centrifugo for lists of channels: one by itself, several in a batch.
func askTheirs(api *load.API, lists [][]string, method, mark string) *asker {
	a := &asker{api: api, path: "/api/" + method, lists: lists, mark: []byte(mark)}
	for _, channels := range lists {
		if len(channels) == 1 {
			a.bodies = append(a.bodies, []byte(`{"channel":"`+channels[0]+`"}`))
			continue
		}
		a.path = "/api/batch"
		a.bodies = append(a.bodies, batch(method, channels))
	}
	return a
}

func batch(method string, channels []string) []byte {
	body := []byte(`{"commands":[`)
	for i, c := range channels {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"`+method+`":{"channel":"`+c+`"}}`...)
	}
	return append(body, `]}`...)
}
