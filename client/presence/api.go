package presence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	requestLimit   = 10 * time.Second // the server itself waits up to 5 s for an owner
	maxAnswerBytes = 16 << 20         // the states of 10,000 of the longest ids are below 2 MB
)

// API makes requests over HTTP, as a backend does. It has no state: copy it freely.
type API struct {
	Server string       // http:// or https:// and host; a path is a prefix
	Token  string       // a backend's has the scope presence:service
	Tenant string       // act in this one; empty: in the token's. Needs the scope presence:tenants
	HTTP   *http.Client // nil: http.DefaultClient; follows no redirects here
}

// Answer is what the server answers a request that it didn't refuse.
type Answer struct {
	Body    []byte
	Unknown int // how many of the states in it are Unknown: ask for them again
}

// Decode reads the body, which is JSON.
func (a *Answer) Decode(into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("the server's answer is not what was asked for: %w", err)
	}
	return nil
}

// Call makes one request of docs/api.md. body is nil or something to send as JSON. A refusal is an
// *Error.
func (a API) Call(ctx context.Context, method, path string, body any) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	request, err := a.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	response, err := unredirected(a.HTTP).Do(request)
	if err != nil {
		return nil, a.unreachable(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, a.unreachable(err)
	}
	if len(content) > maxAnswerBytes {
		return nil, fmt.Errorf("the server's answer is longer than %d bytes", maxAnswerBytes)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, problem(response, content)
	}
	unknown, _ := strconv.Atoi(response.Header.Get("Presence-Unknown"))
	return &Answer{content, unknown}, nil
}

func (a API) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	u, err := base(a.Server)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(path, "/") { // it would go on with the name of the host
		return nil, fmt.Errorf("path %q doesn't begin with a slash", path)
	}
	u.RawQuery, u.Fragment = "", ""
	var content io.Reader
	if body != nil {
		text, err := encode(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String()+path, content)
	if err != nil {
		return nil, err
	}
	r.Header = acting(a.Tenant)
	r.Header.Set("Authorization", "Bearer "+a.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// acting is the header of a request in another tenant than the token's; empty: in that.
func acting(tenant string) http.Header {
	h := make(http.Header)
	if tenant != "" {
		h.Set("Presence-Tenant", tenant)
	}
	return h
}

// unreachable leaves out what net/http repeats of the request.
func (a API) unreachable(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("cannot reach %s: %w", a.Server, err)
}

// problem is what an application/problem+json says; of anything else, such as a proxy's page, the
// status.
func problem(response *http.Response, content []byte) error {
	var p struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	if json.Unmarshal(content, &p) != nil || p.Code == "" {
		p.Code, p.Detail = codeOfStatus(response.StatusCode), "the server answered "+statusOf(response)
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return &Error{Code: p.Code, Message: p.Detail, RetryAfter: time.Duration(seconds) * time.Second}
}

// codeOfStatus is for an answer without a code: of the moment, or none.
func codeOfStatus(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return codeRateLimited
	case status >= http.StatusInternalServerError:
		return codeUnavailable
	}
	return ""
}
