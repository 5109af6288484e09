package presence

import (
	"context"
	"net/http"
	"time"
)

// Edge says whether a viewer may see a participant. At most one of Until and For is set.
type Edge struct {
	Participant string `json:"participant_id"`
	Viewer      string `json:"viewer"`
	// Allow is what the edge says; nil forgets it, and then there is no end.
	Allow *bool     `json:"allow"`
	Until time.Time `json:"expires_at,omitzero"` // zero: it stays
	For   int       `json:"expires_in,omitzero"` // seconds
}

func (e Edge) ids() []string { return []string{e.Participant, e.Viewer} }

// SetEdges says of any number of pairs who may see whom, in as many requests as it takes, and
// returns those that were not taken; none: all were. It takes the scope presence:service.
func (a API) SetEdges(ctx context.Context, edges []Edge) []Rejection {
	return batch(ctx, a, "visibility", "edges", edges)
}

// Who may see a participant of those about whom nothing else was said.
const (
	Everyone = "everyone"
	Allowed  = "allowed" // those alone whom an edge allows, or who have a direct-message window
)

// What others are told of when a participant was last seen.
const (
	Exact  = "exact"
	Coarse = "coarse" // the day, in UTC
	Hidden = "hidden" // nothing
)

// Visibility is who may see a participant, and what of it.
type Visibility struct {
	Default  string `json:"default,omitempty"`
	LastSeen string `json:"last_seen,omitempty"`
}

// Visibility asks for what counts for a participant, set or not; "me" is the token's own.
func (a API) Visibility(ctx context.Context, participant string) (v Visibility, err error) {
	answer, err := a.Call(ctx, http.MethodGet, below(participant, "visibility"), nil)
	if err == nil {
		err = answer.Decode(&v)
	}
	return v, err
}

// SetVisibility sets the members that aren't empty, and returns once two nodes hold it.
func (a API) SetVisibility(ctx context.Context, participant string, v Visibility) error {
	_, err := a.Call(ctx, http.MethodPut, below(participant, "visibility"), v)
	return err
}

// ResetVisibility goes back to what counts for those who have set nothing.
func (a API) ResetVisibility(ctx context.Context, participant string) error {
	_, err := a.Call(ctx, http.MethodPut, below(participant, "visibility"), map[string]any{
		"default": nil, "last_seen": nil,
	})
	return err
}

// Block has a participant be seen by a viewer no longer, and returns once two nodes hold it.
func (a API) Block(ctx context.Context, participant, viewer string) error {
	_, err := a.Call(ctx, http.MethodPut, below(participant, "blocks/"+PathSegment(viewer)), nil)
	return err
}

// Unblock ends a block. An edge that denies stays.
func (a API) Unblock(ctx context.Context, participant, viewer string) error {
	_, err := a.Call(ctx, http.MethodDelete, below(participant, "blocks/"+PathSegment(viewer)), nil)
	return err
}

// Blocks are the viewers that a participant has blocked, in the order of their bytes.
func (a API) Blocks(ctx context.Context, participant string) ([]string, error) {
	var reply struct {
		Blocks []string `json:"blocks"`
	}
	answer, err := a.Call(ctx, http.MethodGet, below(participant, "blocks"), nil)
	if err == nil {
		err = answer.Decode(&reply)
	}
	return reply.Blocks, err
}

// below is a path below a participant's.
func below(participant, rest string) string {
	return "/v1/participants/" + PathSegment(participant) + "/" + rest
}
