package e2e

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// stream is a client of Server-Sent Events: what it receives is in its feed.
type stream struct {
	*feed
	header http.Header
}

// events opens a stream and waits for its snapshot.
func (c caller) events(t testing.TB, query string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req := c.request(t, "GET", "/v1/events?"+query, nil).WithContext(ctx)
	res, err := (&http.Client{Transport: c.s.http.Transport}).Do(req)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	w := &stream{newFeed("stream of " + c.token), res.Header}
	done := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-done
	})
	if res.StatusCode != http.StatusOK {
		close(done)
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		t.Fatalf("GET /v1/events: %d: %s", res.StatusCode, body)
	}
	go func() {
		defer close(done)
		defer res.Body.Close()
		w.end(w.read(res.Body))
	}()
	w.await(t, "snapshot", func(f frame) bool { return f.Type == "presence" })
	return w
}

// read splits the body into events. Comments are for keeping the connection
// open and no part of an event.
func (w *stream) read(body io.Reader) error {
	var raw, data, event string
	in := bufio.NewReader(body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && data != "":
			fr := frame{Type: event, raw: raw, at: time.Now()}
			if err := json.Unmarshal([]byte(data), &fr, json.RejectUnknownMembers(true)); err != nil {
				return err
			}
			w.add(fr)
			raw, data, event = "", "", ""
			continue
		case field == "event":
			event = value
		case field == "data":
			data += value
		}
		if field != "" && line != "" {
			raw += line + "\n"
		}
	}
}
