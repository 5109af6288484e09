package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswerBytes is what is read of an answer. All of it is to come: a model that stops in the
// middle doesn't answer.
const maxAnswerBytes = 1 << 20

// ask asks the model, and returns why it doesn't answer. A status below 300 is an answer.
func (a *agent) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	method, body := http.MethodGet, io.Reader(nil)
	if a.body != "" {
		method, body = http.MethodPost, strings.NewReader(a.body)
	}
	r, err := http.NewRequestWithContext(ctx, method, a.probe, body)
	if err != nil {
		return hidden(err)
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := a.probes.Do(r)
	if err != nil {
		return hidden(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswerBytes)); err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}

// hidden leaves the address out of an error: there may be a key in it.
func hidden(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
