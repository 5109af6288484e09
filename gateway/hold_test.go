package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// tight has room for two of the largest bodies, and for one of a participant.
func tight(c *Config) {
	c.Limits.MaxBodyBytes, c.Limits.MaxItems = 128<<10, 100 // so that queries are the largest
	c.Limits.RequestMemory = c.Limits.LeastRequestMemory()
}

// panicky is a cluster that panics when it is asked.
type panicky struct{ Cluster }

func (panicky) States(context.Context, string, []string, []shard.State) int { panic("asked") }

// post sends a query with a body that comes as it comes; length -1: it doesn't say how long it is.
func (g *gate) post(ctx context.Context, token string, body io.Reader, length int64) answer {
	r := httptest.NewRequest("POST", "/v1/presence/query", body).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	r.ContentLength = length
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		g.s.Handler().ServeHTTP(w, r)
	}()
	return answer{t: g.t, what: "query of " + token, status: w.Code, header: w.Header(), body: w.Body.String()}
}

// Whatever becomes of a request, its memory comes back.
func TestMemoryIsGivenBack(t *testing.T) {
	large := queryOf(9000) // 36 KB
	cut := func(err error) io.Reader {
		return io.MultiReader(strings.NewReader(large[:20_000]), iotest.ErrReader(err))
	}
	for name, tt := range map[string]struct {
		body   io.Reader
		length int
		want   int
		edit   func(*Config)
	}{
		"answered":           {strings.NewReader(large), len(large), 200, nil},
		"answered, in parts": {strings.NewReader(large), -1, 200, nil},
		"cut":                {cut(io.ErrUnexpectedEOF), len(large), 400, nil},
		"cut, in parts":      {cut(io.ErrUnexpectedEOF), -1, 400, nil},
		"too slow":           {cut(context.DeadlineExceeded), len(large), 400, nil},
		"not JSON":           {strings.NewReader(large[1:]), len(large) - 1, 400, nil},
		"too many":           {strings.NewReader(queryOf(20_000)), len(queryOf(20_000)), 400, nil},
		"too large":          {strings.NewReader(large), 1 << 30, 413, nil},
		"too large, unsaid":  {strings.NewReader(queryOf(40_000)), -1, 413, nil},
		"a panic": {
			strings.NewReader(large), len(large), 200,
			func(c *Config) { c.Cluster = panicky{c.Cluster} },
		},
	} {
		g := newGate(t, tight, func(c *Config) {
			if tt.edit != nil {
				tt.edit(c)
			}
		})
		if a := g.post(t.Context(), "v", tt.body, int64(tt.length)); a.status != tt.want {
			t.Errorf("%s: %d %.200s", name, a.status, a.body)
		}
		if used := g.s.shares.Budget().Used(); used != 0 {
			t.Errorf("%s: %d bytes are left", name, used)
		}
	}
}

// slowBody sends half of a body, says so, and waits for the end.
type slowBody struct {
	io.Reader
	half chan struct{}
}

func newSlowBody(text string) (*slowBody, func()) {
	r, w := io.Pipe()
	b := &slowBody{Reader: r, half: make(chan struct{})}
	end := make(chan struct{})
	go func() {
		_, _ = io.WriteString(w, text[:len(text)/2])
		close(b.half)
		<-end
		_, _ = io.WriteString(w, text[len(text)/2:])
		_ = w.Close()
	}()
	return b, func() { close(end) }
}

// unread fails the test when it is read.
func unread(t *testing.T) io.Reader {
	return readerFunc(func([]byte) (int, error) {
		t.Error("the body of a refused request was read")
		return 0, errors.New("not to be read")
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// One who holds back the end of a body has its share; others are answered meanwhile.
func TestParticipantHasAShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, tight)
		text := queryOf(1) + strings.Repeat(" ", 127<<10)
		slow, end := newSlowBody(text)
		first := make(chan answer)
		go func() { first <- g.post(t.Context(), "v", slow, int64(len(text))) }()
		<-slow.half
		g.post(t.Context(), "v", unread(t), int64(len(text))).problem(wire.Unavailable, "the participant's requests")
		g.do("PUT", "/v1/presence/me/override", "v", `{"override":"busy"}`).want(http.StatusNoContent, "")
		g.post(t.Context(), "w", strings.NewReader(text), int64(len(text))).want(200, "")
		g.post(t.Context(), "w", strings.NewReader(text), -1).want(200, "")
		end()
		a := <-first
		a.want(200, "")
		g.post(t.Context(), "v", strings.NewReader(text), int64(len(text))).want(200, "")
	})
}

// The backends of one tenant have a share together. Others have room meanwhile, and a backend of no
// tenant has all there is.
func TestBackendsOfATenantHaveAShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, tight)
		text := queryOf(1) + strings.Repeat(" ", 127<<10)
		slow, end := newSlowBody(text)
		first := make(chan answer)
		go func() { first <- g.post(t.Context(), "acme boss|s", slow, int64(len(text))) }()
		<-slow.half
		for _, theirs := range []string{"acme boss|s", "acme hand|s"} {
			g.post(t.Context(), theirs, unread(t), int64(len(text))).problem(wire.Unavailable, "this tenant's backends")
		}
		for _, other := range []string{"boss|s", "other boss|s", "acme v", "v"} {
			g.post(t.Context(), other, strings.NewReader(text), int64(len(text))).want(200, "")
		}
		end()
		a := <-first
		a.want(200, "")
		g.post(t.Context(), "acme hand|s", strings.NewReader(text), int64(len(text))).want(200, "")
	})
}

// A request that is refused for want of memory has not been paid for.
func TestRefusedBodyIsNotPaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := queryOf(1) + strings.Repeat(" ", 127<<10)
		twice := 2 * (len(text)/admit.BytesPerID + 1)
		g := newGate(t, slowIDs, tight, func(c *Config) {
			c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst = 1,
				twice
		})
		slow, end := newSlowBody(text)
		first := make(chan answer)
		go func() { first <- g.post(t.Context(), "v", slow, int64(len(text))) }()
		<-slow.half
		g.post(t.Context(), "v", unread(t), int64(len(text))).problem(wire.Unavailable, "the participant's requests")
		end()
		a := <-first
		a.want(200, "")
		g.post(t.Context(), "v", strings.NewReader(text), int64(len(text))).want(200, "")
		g.post(t.Context(), "v", strings.NewReader(text), int64(len(text))).problem(wire.RateLimited, "1 ids a second")
	})
}

// With all memory taken a request waits a second for it, and is then refused unread.
func TestMemoryIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, tight)
		text := queryOf(1) + strings.Repeat(" ", 127<<10)
		slow, end := newSlowBody(text)
		other, endOther := newSlowBody(text)
		first, second := make(chan answer), make(chan answer)
		go func() { first <- g.post(t.Context(), "v", slow, int64(len(text))) }()
		go func() { second <- g.post(t.Context(), "u", other, int64(len(text))) }()
		<-slow.half
		<-other.half
		start := time.Now()
		g.post(t.Context(), "w", unread(t), int64(len(text))).problem(wire.Unavailable, "no memory is left")
		if took := time.Since(start); took != time.Second {
			t.Errorf("refused after %v", took)
		}
		time.AfterFunc(300*time.Millisecond, end)
		g.post(t.Context(), "w", strings.NewReader(text), int64(len(text))).want(200, "")
		endOther()
		a, b := <-first, <-second
		a.want(200, "")
		b.want(200, "")
		if full, over := g.s.shares.Refused(); full != 1 || over != 0 {
			t.Errorf("refused %d and %d", full, over)
		}
	})
}

// A body that doesn't say how long it is draws as it comes, and is refused when that is too much.
func TestPiecesDrawAsTheyCome(t *testing.T) {
	g := newGate(t, tight)
	var most int64
	scratches.Put(&scratch{body: make([]byte, keptBytes)}) // as another request may leave it
	in := strings.NewReader(queryOf(1) + strings.Repeat(" ", 100<<10))
	watched := readerFunc(func(p []byte) (int, error) {
		used := g.s.shares.Budget().Used()
		if most = max(most, used); cap(p) > smallText && used < int64(cap(p)) {
			t.Errorf("%d bytes are read with %d taken", cap(p), used)
		}
		return in.Read(p)
	})
	g.post(t.Context(), "v", watched, -1).want(200, "")
	if most < 4*100<<10 {
		t.Errorf("at most %d were taken", most)
	}
	h := g.s.shares.Hold("v")
	if err := h.Take(t.Context(), h.Most()-100<<10, 0); err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	g.post(t.Context(), "v", strings.NewReader(queryOf(1)+strings.Repeat(" ", 100<<10)), -1).problem(wire.Unavailable,
		"")
}

// Memory that is used again is small, after whatever has been asked.
func TestScratchStaysSmall(t *testing.T) {
	s := &scratch{
		body: make([]byte, keptBytes+1), out: make([]byte, keptBytes+1), ids: make([]string, keptBytes/16+1),
		states: make([]shard.State, keptBytes+1),
	}
	s.set.slots = make([]uint32, keptBytes/4+1)
	s.keep(false)
	if s.body != nil || s.out != nil || s.ids != nil || s.states != nil || s.set.slots != nil {
		t.Errorf("kept %+v", s)
	}
	s = &scratch{body: make([]byte, keptBytes), ids: []string{"a piece of a large text"}}
	ids := s.ids
	if s.keep(false); len(s.body) != keptBytes || ids[0] != "" {
		t.Errorf("kept %d bytes, ids %q", len(s.body), ids)
	}
}
