package sim

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/authorize"
)

// mind is a backend that allows everything or nothing, and says so after a while.
type mind struct {
	mu     sync.Mutex
	allows bool
	takes  time.Duration
}

// RoundTrip is http.RoundTripper's.
func (m *mind) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	body, takes := `{"allowed":[],"ttl_seconds":3600}`, m.takes
	if m.allows {
		body = `{"allowed":["ada"],"ttl_seconds":3600}`
	}
	m.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (m *mind) set(allows bool, takes time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.allows, m.takes = allows, takes
}

func (m *mind) client() *authorize.Client {
	secrets, err := authorize.ParseSecrets([]byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		panic(err)
	}
	c, err := authorize.New(authorize.Config{
		URL: "https://backend.example/", Secrets: func() authorize.Secrets { return secrets },
		MostKept: authorize.MostKept, Logger: slog.New(slog.DiscardHandler), Transport: m,
	})
	if err != nil {
		panic(err)
	}
	return c
}

// TestAnswersAreForgotten: once Forget has returned at one node, no node answers by what the backend
// said before, be it kept, on its way, or that of a subscription.
func TestAnswersAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mind{allows: true}
		w := newWorld(1, 3, everybody, slog.New(slog.DiscardHandler))
		w.asks = m.client
		w.bootAll()
		ask(t, w.nodes[0].node, "PUT", "/v1/presence/ada/devices/tab", "ada", `{"activity":"online"}`)
		var streams []*httptest.ResponseRecorder
		for _, p := range w.nodes {
			if got := ask(t, p.node, "GET", "/v1/presence?ids=ada", "ben", ""); got != `{"ada":"online"}` {
				t.Errorf("%s says %s", p.id, got)
			}
			streams = append(streams, follow(t, w, p.node, "cy"))
		}
		m.set(true, 500*time.Millisecond)
		for _, p := range w.nodes { // an answer that is on its way as the backend changes its mind
			w.running.Go(func() { ask(t, p.node, "GET", "/v1/presence?ids=ada", "dan", "") })
			streams = append(streams, follow(t, w, p.node, "dan"))
		}
		time.Sleep(100 * time.Millisecond)
		m.set(false, 0)
		ask(t, w.nodes[1].node, "POST", "/v1/visibility/forget", "service", `{"viewers":["ben","cy","dan"]}`)
		for _, p := range w.nodes {
			for _, viewer := range []string{"ben", "dan"} {
				if got := ask(t, p.node, "GET", "/v1/presence?ids=ada", viewer, ""); got != `{"ada":"offline"}` {
					t.Errorf("%s says %s to %s after forget", p.id, got, viewer)
				}
			}
		}
		time.Sleep(10 * time.Second)
		w.end()
		time.Sleep(time.Minute)
		for i, st := range streams {
			if got := st.Body.String(); !strings.HasSuffix(strings.TrimRight(got, ":\n"), `{"states":{"ada":"offline"}}`) {
				t.Errorf("stream %d was told %q", i, got)
			}
		}
	})
}

// ask is a request at a node, without a network.
func ask(t *testing.T, n *node, method, target, token, body string) string {
	t.Helper()
	w := httptest.NewRecorder()
	n.gateway.Handler().ServeHTTP(w, request(method, target, token, body))
	if w.Code > 299 {
		t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
	}
	return strings.TrimSpace(w.Body.String())
}

func request(method, target, token, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1"
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// follow opens an event stream, which lasts as long as the world.
func follow(t *testing.T, w *world, n *node, viewer string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	w.running.Go(func() {
		n.gateway.Handler().ServeHTTP(rec, request("GET", "/v1/events?ids=ada", viewer, "").WithContext(w.ctx))
	})
	synctest.Wait()
	return rec
}
