package presence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// batchItems is half of what the server takes in a request: that many of the longest ids fit into
// its 4 MiB even if each byte is escaped.
const batchItems = 5000

// Heartbeat is a sign of life of a device.
type Heartbeat struct {
	Participant string `json:"participant_id"`
	Device      string `json:"device_id"`
	Activity    string `json:"activity"` // Online or Idle
}

// DirectMessage is a message between two participants, who then see through each other's
// AppearOffline for a while.
type DirectMessage struct {
	Participants [2]string `json:"participants"`
	At           time.Time `json:"at,omitzero"` // zero: now
}

// Rejection is an item of a batch that was not taken. Of an *Error, Repeatable reports whether to
// send the item again; any other error is of the way to the server, and what became of the item
// isn't known: send it again.
type Rejection struct {
	Index int // in the batch
	Err   error
}

// States asks for the states of any number of participants, as a stranger sees them, in as many
// requests as it takes. Each id has a state in the result: Unknown, where a request failed, and of
// an id that can't exist. The error is that of the failed requests, and of the first such id.
func (a API) States(ctx context.Context, ids ...string) (States, error) {
	return a.StatesFor(ctx, "", ids...)
}

// StatesFor asks as viewer, which takes the scope presence:service.
func (a API) StatesFor(ctx context.Context, viewer string, ids ...string) (States, error) {
	type question struct {
		IDs    []string `json:"ids"`
		Viewer string   `json:"viewer,omitempty"`
	}
	all := make(States, len(ids))
	for _, id := range ids {
		all[id] = Unknown
	}
	good, err := possible(ids)
	failed := []error{err}
	for part := range slices.Chunk(good, batchItems) {
		var states States
		answer, err := a.Call(ctx, http.MethodPost, "/v1/presence/query", question{part, viewer})
		if err == nil {
			err = answer.Decode(&states)
		}
		if err != nil {
			states, failed = nil, append(failed, err)
		}
		for _, id := range part {
			all[id] = cmp.Or(states[id], Unknown)
		}
	}
	return all, errors.Join(failed...)
}

// Beat sends any number of heartbeats, in as many requests as it takes, and returns those that were
// not taken; none: all were.
func (a API) Beat(ctx context.Context, heartbeats []Heartbeat) []Rejection {
	return batch(ctx, a, "heartbeats", "heartbeats", heartbeats)
}

// DirectMessages records any number of messages, in as many requests as it takes, and returns those
// that were not taken; none: all were.
func (a API) DirectMessages(ctx context.Context, messages []DirectMessage) []Rejection {
	return batch(ctx, a, "direct-messages", "direct_messages", messages)
}

// item is of a batch, and about these ids.
type item interface{ ids() []string }

func (h Heartbeat) ids() []string     { return []string{h.Participant, h.Device} }
func (m DirectMessage) ids() []string { return m.Participants[:] }

// batch sends items, as a member of the body, to an endpoint that answers for each of them. The
// items of a request that failed are rejected with its error.
func batch[T item](ctx context.Context, a API, endpoint, member string, items []T) (all []Rejection) {
	var good []int // indices
	for i, it := range items {
		if err := checkText(it.ids()...); err != nil {
			all = append(all, Rejection{i, err})
		} else {
			good = append(good, i)
		}
	}
	for at := range slices.Chunk(good, batchItems) {
		part := make([]T, len(at))
		for i := range at {
			part[i] = items[at[i]]
		}
		rejected, err := a.post(ctx, "/v1/"+endpoint, map[string]any{member: part}, len(part))
		for _, r := range rejected {
			all = append(all, Rejection{at[r.Index], &Error{Code: r.Code, Message: r.Message}})
		}
		if err != nil {
			for _, i := range at {
				all = append(all, Rejection{i, err})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Rejection) int { return a.Index - b.Index })
	return all
}

type rejectedItem struct {
	Index   int    `json:"index"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// post returns what was rejected of a body with so many items.
func (a API) post(ctx context.Context, path string, body any, items int) ([]rejectedItem, error) {
	var reply struct {
		Rejected []rejectedItem `json:"rejected"`
	}
	answer, err := a.Call(ctx, http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	if err := answer.Decode(&reply); err != nil {
		return nil, err
	}
	for _, r := range reply.Rejected {
		if r.Index < 0 || r.Index >= items {
			return nil, fmt.Errorf("the server rejects item %d of %d", r.Index, items)
		}
	}
	return reply.Rejected, nil
}
