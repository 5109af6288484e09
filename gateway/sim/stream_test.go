package sim

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// silence is how long an event stream may say nothing; a gateway sends a comment every 15 s.
const silence = 40 * time.Second

// listen opens an event stream, and follows it until it ends or nothing comes any more.
func (s *session) listen(ctx context.Context) {
	w := s.w
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(askTimeout, cancel)
	defer quiet.Stop()
	s.mu.Lock()
	s.shown, s.says = nil, make(map[string]string)
	s.mu.Unlock()
	asked := w.now()
	resp, err := s.request(ctx)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	w.mu.Lock()
	w.tell("%s listens to %s", key(s.id, s.place), s.address)
	s.node, s.answered, s.since = w.nodeAt(s.address), 0, w.now()
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		s.node, s.answered = nil, 0
		w.mu.Unlock()
	}()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for first := true; lines.Scan(); {
		quiet.Reset(silence)
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		f := frame{Type: "presence"}
		if err := json.Unmarshal([]byte(data), &f); err != nil {
			panic(fmt.Sprintf("a gateway sent %q: %v", data, err))
		}
		if first {
			s.snapshot(f, asked)
		} else {
			s.event(f)
		}
		first = false
	}
}

// request asks for the events of those whom the session watches, as its viewer.
func (s *session) request(ctx context.Context) (*http.Response, error) {
	url := fmt.Sprintf("http://%s:%d/v1/events?ids=%s", s.address, publicPort, strings.Join(s.watches, "&ids="))
	if s.id != "" {
		url += "&viewer=" + s.id
	}
	for _, with := range s.w.with() {
		url += "&with=" + with
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer service")
	resp, err := httpClient(s.host).Do(r)
	if err == nil && resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("an event stream: %s", resp.Status)
	}
	return resp, err
}

// glance watches somebody for a moment by a stream of its own, from one node.
func (w *world) glance(id string, home *place, host string, lasts time.Duration) {
	s := &session{place: "glance at " + id + " by " + host, stream: true, watches: []string{id}, home: home}
	if s = w.enter(s, host); s != nil {
		sleep(w.ctx, lasts)
		s.drop()
	}
}
