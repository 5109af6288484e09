package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

// away is who the agent talks to, without a network: its model, and Presence.
type away struct {
	mu sync.Mutex // the test's, except while time goes by

	t      *testing.T
	model  http.HandlerFunc // nil: it can't be reached
	refuse bool             // Presence does
	said   []string         // what Presence was told, and when
	logged strings.Builder
	stop   func()
}

// start runs an agent, in a bubble.
func start(t *testing.T) *away {
	a := &away{t: t}
	a.model = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	client := &http.Client{Transport: a}
	one := &agent{
		api:    presence.API{Server: "http://presence", Token: "service", HTTP: client},
		probes: client, probe: "http://model/v1/chat?key=secret", id: "summarizer", kind: "helper", device: "agent",
		every: 30 * time.Second, patience: 10 * time.Second,
		logger: slog.New(slog.NewTextHandler(&a.logged, nil)),
	}
	var ctx context.Context
	ctx, a.stop = context.WithCancel(t.Context())
	a.mu.Lock()
	go one.beat(ctx)
	a.pass(0)
	return a
}

// pass lets time go by.
func (a *away) pass(d time.Duration) {
	a.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	a.mu.Lock()
}

// want compares what Presence was told with what it was to be told, and forgets it.
func (a *away) want(want ...string) {
	a.t.Helper()
	if !slices.Equal(a.said, want) {
		a.t.Errorf("said %q, want %q", a.said, want)
	}
	a.said = nil
}

// RoundTrip is http.RoundTripper's. It gives up as a network does.
func (a *away) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	model := a.model
	w := httptest.NewRecorder()
	if r.URL.Host == "presence" {
		a.answer(w, r)
	}
	a.mu.Unlock()
	switch {
	case r.URL.Host == "presence":
	case model == nil:
		return nil, io.ErrUnexpectedEOF
	default:
		model(w, r)
	}
	return w.Result(), r.Context().Err()
}

// answer is what Presence does.
func (a *away) answer(w http.ResponseWriter, r *http.Request) {
	if a.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	at := time.Now().UTC().Format("04:05 ")
	switch r.Method + " " + r.URL.Path {
	case "PUT /v1/participants/summarizer":
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			a.t.Error(err)
		}
		a.said = append(a.said, at+body["kind"]+" "+body["availability"])
		w.WriteHeader(http.StatusNoContent)
	case "POST /v1/heartbeats":
		a.said = append(a.said, at+"online")
		_, _ = io.WriteString(w, `{"accepted":1,"rejected":[]}`)
	case "DELETE /v1/presence/summarizer/devices/agent":
		a.said = append(a.said, at+"gone")
		w.WriteHeader(http.StatusNoContent)
	default:
		a.t.Errorf("%s %s", r.Method, r.URL)
	}
}

// It is registered once, beats after each answer, and signs out at the end.
func TestModelThatAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.pass(75 * time.Second)
		a.want("00:00 helper heartbeat", "00:00 online", "00:30 online", "01:00 online")
		a.stop()
		a.pass(0)
		a.want("01:15 gone")
		a.mu.Unlock()
	})
}

// Whatever a model does instead of answering, nothing is said of the agent, so that it is offline a
// deadline later. It is asked more often then, and is back with its first answer.
func TestModelThatDoesNot(t *testing.T) {
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	fails := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	moved := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }
	models := map[string]http.HandlerFunc{"hangs": hangs, "fails": fails, "is elsewhere": moved, "is gone": nil}
	for name, model := range models {
		synctest.Test(t, func(t *testing.T) {
			a := start(t)
			a.want("00:00 helper heartbeat", "00:00 online")
			well := a.model
			a.model = model
			a.pass(10 * time.Minute)
			a.want()
			a.model = well
			a.pass(15 * time.Second)
			if len(a.said) != 1 || !strings.HasSuffix(a.said[0], " online") {
				t.Errorf("a model that %s: said %q", name, a.said)
			}
			if logs := a.logged.String(); strings.Count(logs, "doesn't answer") != 1 || strings.Contains(logs, "secret") {
				t.Errorf("a model that %s: logged %s", name, logs)
			}
			a.stop()
			a.pass(0)
			a.mu.Unlock()
		})
	}
}

// A server that was away may know nothing any more: the participant is registered again.
func TestPresenceThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.pass(time.Second)
		a.said, a.refuse = nil, true
		a.pass(time.Minute)
		a.refuse = false
		a.pass(time.Minute)
		a.want("01:30 helper heartbeat", "01:30 online", "02:00 online")
		a.stop()
		a.pass(0)
		a.mu.Unlock()
	})
}

// A question is posted as JSON, and its whole answer has to come.
func TestQuestion(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		json := r.Header.Get("Content-Type") == "application/json"
		if r.Method != http.MethodPost || !json || string(body) != `{"n":1}` {
			w.WriteHeader(http.StatusBadRequest)
		}
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	for path, ok := range map[string]bool{"/": true, "/half": false} {
		a := &agent{probes: server.Client(), probe: server.URL + path, body: `{"n":1}`, patience: time.Minute}
		if err := a.ask(t.Context()); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The program reads its flags, and ends when it is told to.
func TestRun(t *testing.T) {
	t.Setenv("PRESENCE_TOKEN", "service")
	calls := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- r.Method + " " + r.URL.Path
		if r.URL.Path == "/v1/heartbeats" {
			_, _ = io.WriteString(w, `{"accepted":1,"rejected":[]}`)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	args := []string{"-server", server.URL, "-probe", server.URL + "/health", "-participant=ai"}
	go func() { ended <- run(ctx, args, t.Output()) }()
	for _, want := range []string{"GET /health", "PUT /v1/participants/ai", "POST /v1/heartbeats"} {
		if got := <-calls; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := <-calls; got != "DELETE /v1/presence/ai/devices/agent" {
		t.Error(got)
	}
	if err := run(t.Context(), []string{"-nonsense"}, io.Discard); err == nil {
		t.Error("a flag that isn't one is taken")
	}
}
