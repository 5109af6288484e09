package presence

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"
)

// Status is what a participant says of itself: a text, an emoji, or both.
type Status struct {
	Text  string    `json:"text"`       // at most 256 bytes
	Emoji string    `json:"emoji"`      // at most 32 bytes; nothing is made of it
	Until time.Time `json:"expires_at"` // its end; zero: it stays
}

// End is when something ends by itself. At most one of the two is set; with neither it stays.
type End struct {
	Until time.Time
	For   time.Duration // from now on, in whole seconds, rounded up: no clock needs to be right
}

// given is an end as it is sent. For is counted from since on, as a message may be sent again.
type given struct {
	Until time.Time `json:"expires_at,omitzero"`
	For   int64     `json:"expires_in,omitzero"`
}

func (e End) given(since time.Duration) given {
	if e.For == 0 {
		return given{Until: e.Until}
	}
	left := (e.For - since).Seconds()
	if left < 0 {
		left = min(left, -1) // 0 would be no end; the server says what is wrong with it
	}
	return given{Until: e.Until, For: int64(math.Ceil(left))}
}

var errOver = errors.New("it was over before the server could be told")

// over reports whether nothing is left of it. Whether a time is over is the server's to say.
func (e End) over(since time.Duration) bool { return e.For > 0 && since >= e.For }

// saying is a status as it is sent.
type saying struct {
	Text   string `json:"text,omitempty"`
	Emoji  string `json:"emoji,omitempty"`
	Public bool   `json:"public,omitempty"`
	given
}

// SetStatus says something of a participant, in place of what was said before, and returns once
// two nodes hold it. The end counts if s has none.
func (a API) SetStatus(ctx context.Context, participant string, s Status, end ...End) error {
	return a.say(ctx, participant, s, end, false)
}

// SetPublicStatus is SetStatus for everyone, also while the participant appears offline. It takes
// the scope presence:service.
func (a API) SetPublicStatus(ctx context.Context, participant string, s Status, end ...End) error {
	return a.say(ctx, participant, s, end, true)
}

func (a API) say(ctx context.Context, participant string, s Status, end []End, public bool) error {
	_, err := a.Call(ctx, http.MethodPut, presenceOf(participant, "/status"), saying{
		s.Text, s.Emoji, public, s.end(end).given(0),
	})
	return err
}

// end is the status's own end, or that of the call.
func (s *Status) end(ends []End) End {
	if s.Until.IsZero() {
		return first(ends)
	}
	return End{Until: s.Until}
}

// first is the end that a call was given, if it was.
func first(ends []End) (e End) {
	if len(ends) > 0 {
		e = ends[0]
	}
	return e
}

// ClearStatus ends what a participant says.
func (a API) ClearStatus(ctx context.Context, participant string) error {
	_, err := a.Call(ctx, http.MethodDelete, presenceOf(participant, "/status"), nil)
	return err
}

// ClearPublicStatus is ClearStatus for everyone, also while the participant appears offline. It
// takes the scope presence:service.
func (a API) ClearPublicStatus(ctx context.Context, participant string) error {
	_, err := a.Call(ctx, http.MethodDelete, presenceOf(participant, "/status?public=true"), nil)
	return err
}

// Claim makes or renews a reason for a participant to be busy, such as "calendar" or "call". It has
// an end, at most 30 days ahead, and takes the scope presence:service.
func (a API) Claim(ctx context.Context, participant, source string, end End) error {
	_, err := a.Call(ctx, http.MethodPut, claimOf(participant, source), end.given(0))
	return err
}

// EndClaim ends a reason to be busy.
func (a API) EndClaim(ctx context.Context, participant, source string) error {
	_, err := a.Call(ctx, http.MethodDelete, claimOf(participant, source), nil)
	return err
}

func claimOf(participant, source string) string {
	return presenceOf(participant, "/busy/"+PathSegment(source))
}

// presenceOf is a path below a participant's presence.
func presenceOf(participant, rest string) string {
	return "/v1/presence/" + PathSegment(participant) + rest
}
