package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	apiTimeout    = 10 * time.Second // the server itself waits up to 5 s for an owner
	maxReplyBytes = 16 << 20         // 10,000 of the longest ids are below 2 MB
)

// serverSettings say which server a command talks to, and as whom.
type serverSettings struct {
	Server string `group:"server" default:"http://127.0.0.1:8080" placeholder:"URL" help:"Where the node is."`
	Token  string `group:"server" placeholder:"TOKEN" help:"Who you are: a JWT, or your participant id if the server runs with --auth=insecure."`
	CAFile string `group:"server" name:"ca-file" placeholder:"FILE" help:"Authorities to trust beside the system's, PEM: for a server whose certificate is of your own."`
}

// requireToken gives a hint that saves a look into the manual.
func (s *serverSettings) requireToken() error {
	if s.Token != "" {
		return nil
	}
	return errors.New("who are you? Give --token or PRESENCE_TOKEN; " +
		"with --auth=insecure, as presence serve runs by default, the token is your participant id: --token alice")
}

// reply is an answer that was not an error.
type reply struct {
	body    []byte
	unknown string // Presence-Unknown: how many ids nobody could answer for; empty for none
}

// call asks the HTTP API. body is nil or something to send as JSON. A problem of the server's comes
// back as an error.
func (s *serverSettings) call(ctx context.Context, method, path string, body any) (*reply, error) {
	if err := s.requireToken(); err != nil {
		return nil, err
	}
	base, err := url.Parse(s.Server)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("--server %q is not an address such as http://127.0.0.1:8080", s.Server)
	}
	client, err := s.httpClient()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	request, err := s.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, unreachable(s.Server, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxReplyBytes))
	if err != nil {
		return nil, unreachable(s.Server, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, problem(response.Status, content)
	}
	return &reply{content, response.Header.Get("Presence-Unknown")}, nil
}

func (s *serverSettings) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.Server, "/")+path, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// unreachable leaves out what net/http repeats of the request.
func unreachable(server string, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return trustHint(fmt.Errorf("cannot reach %s: %w", server, err))
}

// problem is what an application/problem+json says; of anything else, the status.
func problem(status string, content []byte) error {
	var p struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	if json.Unmarshal(content, &p) != nil || p.Code == "" {
		return fmt.Errorf("the server answered %s", status)
	}
	return fmt.Errorf("%s: %s", p.Code, p.Detail)
}
