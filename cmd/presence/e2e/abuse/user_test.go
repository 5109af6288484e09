package abuse

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// home is where users are. No attack comes from there.
const home = "127.0.0.99"

// users are a few people whose requests go on all the time, a half over connections that are kept and a half over new
// ones. Requests begin when they are due, also while others wait.
type users struct {
	n           *node
	tokens      []string
	kept, fresh *http.Client
}

const (
	userRequests   = 40 // a second, of all users
	healthRequests = 10
	userPatience   = 5 * time.Second
)

func newUsers(t *testing.T, n *node) *users {
	t.Helper()
	client := func(keep bool) *http.Client {
		transport := &http.Transport{
			DialContext:         (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(home)}}).DialContext,
			TLSClientConfig:     n.tls.Clone(),
			DisableKeepAlives:   !keep,
			MaxIdleConnsPerHost: 8,
		}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport, Timeout: userPatience}
	}
	u := &users{n: n, kept: client(true), fresh: client(false)}
	for i := range 4 {
		u.tokens = append(u.tokens, token(t, fmt.Sprintf("user-%d", i), nil))
	}
	return u
}

// reading is what was seen of one kind of request.
type reading struct {
	mu     sync.Mutex
	took   []time.Duration
	failed int
	why    error
}

func (r *reading) note(took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, took)
	if err != nil {
		r.failed++
		r.why = err
	}
}

// at is a quantile.
func (r *reading) at(q float64) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.took, cmp.Compare)
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(int(q*float64(len(r.took))), len(r.took)-1)]
}

// each calls do so many times a second, and measures from when a call is due.
func (r *reading) each(ctx context.Context, rate int, do func(i int) error) {
	var running sync.WaitGroup
	defer running.Wait()
	every := time.Second / time.Duration(rate)
	for i, due := 0, time.Now(); ; i, due = i+1, due.Add(every) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
			running.Go(func() {
				err := do(i)
				r.note(time.Since(due), err)
			})
		}
	}
}

// seen is what users saw, and a probe of the node's health.
type seen struct{ asked, health *reading }

func (s *seen) String() string {
	text := fmt.Sprintf("p50 %v p99 %v, health at most %v", short(s.asked.at(0.5)), short(s.asked.at(0.99)), short(s.health.at(1)))
	for _, r := range []*reading{s.asked, s.health} {
		if r.failed > 0 {
			text += fmt.Sprintf(", %d failed: %.300v", r.failed, r.why)
		}
	}
	return text
}

// watch asks for as long as that.
func (u *users) watch(lasts time.Duration) seen {
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	s := seen{&reading{}, &reading{}}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { s.asked.each(ctx, userRequests, u.one) })
	running.Go(func() { s.health.each(ctx, healthRequests, func(int) error { return u.n.ask("/healthz") }) })
	return s
}

// one is the i-th request of the users: a look at a few contacts, a heartbeat, a question about a hundred.
func (u *users) one(i int) error {
	client := u.kept
	if i%2 == 1 {
		client = u.fresh
	}
	switch i / 2 % 3 {
	case 0:
		return u.send(client, i, "GET", "/v1/presence?ids=user-0,user-1,user-2,ann,ben", nil)
	case 1:
		return u.send(client, i, "PUT", "/v1/presence/me/devices/phone", []byte(`{"activity":"online"}`))
	default:
		return u.send(client, i, "POST", "/v1/presence/query", question(100))
	}
}

func (u *users) send(client *http.Client, i int, method, path string, body []byte) error {
	req, err := http.NewRequest(method, u.n.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+u.tokens[i%len(u.tokens)])
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: status %d: %.200s", method, path, res.StatusCode, answer)
	}
	return err
}

// question asks about n people.
func question(n int) []byte {
	b := bytes.NewBufferString(`{"ids":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `"contact-%07d"`, i)
	}
	b.WriteString("]}")
	return b.Bytes()
}
