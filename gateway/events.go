package gateway

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/wake"
)

// stream is one open event stream. It belongs to the goroutine that serves the request, but for
// wake.
type stream struct {
	c      *call
	out    *http.ResponseController
	viewer *hub.Viewer
	wake   wake.Signal // there is something to drain

	buf     []byte
	changes []hub.Change
}

// keptEventBytes is the largest event whose memory the stream keeps for the next. The first has all
// the ids, 150 KB of the longest.
const keptEventBytes = 2 << 10

// maxEventChanges bounds one event: 1,000 ids are all that a stream may watch. With statuses there
// may be several.
const maxEventChanges = 1000

// getEvents is GET /v1/events.
func getEvents(c *call) error {
	limit := c.s.config.Limits.MaxIDs
	if err := c.room(len(c.r.URL.RawQuery)); err != nil {
		return err
	}
	q, err := parseQuery(c.r.URL.RawQuery, nil, limit, c.route.query)
	if err != nil {
		return err
	}
	viewer, err := c.viewerOf(&q)
	if err != nil {
		return err
	}
	if err := checkIDs(q.ids, limit); err != nil {
		return err
	}
	with, err := c.wanted(&q, shard.WithStatus)
	if err != nil {
		return err
	}
	if err := c.payIDs(len(q.ids)); err != nil {
		return err
	}
	if with != 0 {
		if err := c.seenRoom(len(q.ids)); err != nil {
			return err
		}
	}
	if err := c.beginStream(); err != nil {
		return err
	}
	defer c.s.streams.end(c.who.Participant)
	if err := c.s.mayConnect(0); err != nil {
		return err
	}
	list := c.tenant().Participants(q.ids)
	if err := c.meetStrangers(viewer, list); err != nil {
		return err
	}
	return c.stream(viewer, list, with)
}

func (c *call) stream(viewer tenant.Participant, asked tenant.List, with shard.With) error {
	st := &stream{c: c, out: http.NewResponseController(c.w), wake: wake.New()}
	st.viewer = c.s.hub.NewViewer(viewer, st.wake.Raise)
	defer st.viewer.Close()
	ctx, cancel := c.reading()
	snapshot, err := st.viewer.Subscribe(ctx, asked, with)
	cancel()
	if err != nil {
		return err
	}
	st.begin(snapshot.States)
	if c.r.Method == http.MethodHead {
		return nil
	}
	st.buf = appendEvent(st.buf[:0], snapshot.AppendTo)
	err = st.flush()
	if err == nil {
		c.count()
		c.slim()
		err = st.follow()
	}
	st.end(err)
	return nil
}

// slim lets go of what only the beginning needed: a stream may last for days. The request line
// has all the ids, in escapes maybe, and net/http keeps the request.
func (c *call) slim() {
	c.scratch.keep(false)
	c.scratch = new(scratch)
	c.r.RequestURI, c.r.URL = "", new(url.URL)
	c.hold.Release()
	c.memory.Release()
}

// noTransform keeps proxies from compressing a stream. HAProxy 2.6 then holds its last bytes back,
// and with them the empty line that ends an event: a browser hears of each when the next one comes.
var noTransform = []string{"no-store, no-transform"}

func (st *stream) begin(states []shard.State) {
	h := st.c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h["Cache-Control"] = noTransform
	h["X-Content-Type-Options"] = noSniff
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	st.c.markUnknown(states)
	st.c.status = http.StatusOK
	st.c.w.WriteHeader(http.StatusOK)
}

// follow sends changes until the client, the token or the node goes.
func (st *stream) follow() error {
	quiet := time.NewTicker(st.c.s.config.Limits.EventsKeepAlive)
	defer quiet.Stop()
	ctx, cancel := untilExpiry(st.c.r.Context(), st.c.who.Expires)
	defer cancel()
	away := st.c.s.streams.sentAway()
	for {
		var err error
		select {
		case <-st.wake:
			err = st.tell()
			quiet.Reset(st.c.s.config.Limits.EventsKeepAlive)
		case <-quiet.C:
			st.buf = append(st.buf[:0], ":\n\n"...)
			err = st.flush()
		case <-st.c.s.draining:
			return st.farewell("this node is leaving")
		case <-away:
			return st.farewell("this node has lost its links to others")
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func untilExpiry(ctx context.Context, expires time.Time) (context.Context, context.CancelFunc) {
	if expires.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, expires)
}

// tell sends what has changed.
func (st *stream) tell() error {
	for more := true; more; {
		st.changes, more = st.viewer.Drain(st.changes[:0], maxEventChanges)
		if len(st.changes) == 0 {
			return nil
		}
		st.buf = appendEvent(st.buf[:0], func(b []byte) []byte { return hub.AppendChanges(b, st.changes) })
		if err := st.flush(); err != nil {
			return err
		}
	}
	return nil
}

// farewell tells the browser to come back, elsewhere, at a moment of its own: 1,000 a second, as
// the sockets are told. All of them at once would be a herd.
func (st *stream) farewell(why string) error {
	window := min(time.Duration(st.c.s.streams.count())*time.Millisecond, st.c.s.node.Settings().Deadline()/2)
	after := rand.N(max(window, time.Millisecond))
	st.buf = append(st.buf[:0], "retry: "...)
	st.buf = strconv.AppendInt(st.buf, after.Milliseconds(), 10)
	st.buf = append(append(append(st.buf, "\n: "...), why...), "\n\n"...)
	return st.flush()
}

func appendEvent(b []byte, members func([]byte) []byte) []byte {
	b = append(b, "event: presence\ndata: {"...)
	b = members(b)
	return append(b, "}\n\n"...)
}

// flush writes buf, now. A client that doesn't take it in time is a slow consumer.
func (st *stream) flush() error {
	st.allowWrite()
	if _, err := st.c.w.Write(st.buf); err != nil {
		return err
	}
	if cap(st.buf) > keptEventBytes {
		st.buf, st.changes = nil, nil
	}
	err := st.out.Flush()
	st.allowSilence()
	return err
}

// allowWrite sets the time for the next write. A failure means a connection without deadlines; the
// write reports whether it is broken.
func (st *stream) allowWrite() {
	_ = st.out.SetWriteDeadline(time.Now().Add(st.c.s.config.Limits.SlowAfter))
}

// allowSilence takes the time for the write back. A time that has passed fails what TLS writes by
// itself when a client renews its keys, and with it all that follows.
func (st *stream) allowSilence() { _ = st.out.SetWriteDeadline(time.Time{}) }

// end leaves net/http time to write the end of the body, and counts a client that was too slow.
func (st *stream) end(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		st.c.s.metrics.limits.slowStreams.Inc()
		return
	}
	st.allowWrite()
}
