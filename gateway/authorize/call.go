package authorize

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

// How long an answer is kept, whatever the backend says. Without the least, subscriptions would ask
// without a pause.
const (
	leastKept = time.Second
	mostKept  = time.Hour
)

// maxAnswerBytes is more than a thousand of the longest ids take, each character escaped.
const maxAnswerBytes = 1 << 20

// call asks the endpoint, once it may. allowed is as long as the flight's ids, and nil if there is
// no answer.
func (c *Client) call(f *flight) (allowed []bool, kept time.Duration) {
	if !c.takePlace() {
		c.counters.turnedAway.Add(1)
		return nil, 0
	}
	defer func() { <-c.places }()
	if !c.circuit.lets(time.Now()) {
		c.counters.turnedAway.Add(1)
		return nil, 0
	}
	c.counters.asked.Add(int64(len(f.ids)))
	allowed, kept, err := c.post(f)
	if err != nil {
		c.counters.failed.Add(1)
		if c.ctx.Err() == nil { // the node is stopping otherwise
			c.circuit.failed(time.Now(), err)
		}
		return nil, 0
	}
	c.counters.answered.Add(1)
	c.circuit.worked(time.Now())
	return allowed, kept
}

// takePlace waits for a place among the calls under way.
func (c *Client) takePlace() bool {
	select {
	case c.places <- struct{}{}:
		return true
	default:
	}
	t := time.NewTimer(Timeout)
	defer t.Stop()
	select {
	case c.places <- struct{}{}:
		return true
	case <-t.C:
	case <-c.ctx.Done():
	}
	return false
}

// post is one exchange with the endpoint.
func (c *Client) post(f *flight) ([]bool, time.Duration, error) {
	ctx, cancel := context.WithTimeout(c.ctx, Timeout)
	defer cancel()
	r, err := c.request(ctx, appendQuestion(nil, tenant.Participant(f.viewer), f.ids))
	if err != nil {
		return nil, 0, err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, 0, plainly(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, 0, plainly(err)
	case response.StatusCode != http.StatusOK:
		return nil, 0, fmt.Errorf("authorize: status %d", response.StatusCode)
	case len(text) > maxAnswerBytes:
		return nil, 0, fmt.Errorf("authorize: an answer of more than %d bytes", maxAnswerBytes)
	}
	return readAnswer(text, f.ids)
}

// plainly is a failure without the URL, which may hold a password, and which the operator knows.
func plainly(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("authorize: no answer within %v", Timeout)
	}
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return fmt.Errorf("authorize: %w", err)
}

func (c *Client) request(ctx context.Context, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	id, now := "msg_"+rand.Text(), time.Now()
	signature, err := c.config.Secrets().sign(id, now, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature)
	return r, nil
}

// appendQuestion writes the bare ids: the tenant of them all is named beside them.
func appendQuestion(b []byte, viewer tenant.Participant, ids []string) []byte {
	b = append(b, `{"tenant":`...)
	b = wire.AppendString(b, string(viewer.Tenant()))
	b = append(b, `,"viewer":`...)
	b = wire.AppendString(b, viewer.ID())
	b = append(b, `,"participants":[`...)
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = wire.AppendString(b, tenant.Participant(id).ID())
	}
	return append(b, "]}"...)
}

// readAnswer is which of ids an answer allows, and for how long it is kept.
func readAnswer(text []byte, ids []string) ([]bool, time.Duration, error) {
	var answer struct {
		Allowed jsontext.Value `json:"allowed"`
		TTL     float64        `json:"ttl_seconds"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, 0, errors.New("authorize: the answer is not the JSON that it should be")
	}
	var names []string // null is nobody: a backend in Go writes an empty list so
	if err := json.Unmarshal(answer.Allowed, &names); err != nil {
		return nil, 0, errors.New("authorize: `allowed` is missing, or not a list of ids")
	}
	listed := make(map[string]struct{}, len(names))
	for _, name := range names {
		listed[name] = struct{}{}
	}
	allowed := make([]bool, len(ids))
	for i, id := range ids {
		_, allowed[i] = listed[tenant.Participant(id).ID()]
	}
	seconds := min(max(answer.TTL, leastKept.Seconds()), mostKept.Seconds())
	return allowed, time.Duration(seconds * float64(time.Second)), nil
}
