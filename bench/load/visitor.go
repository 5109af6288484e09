package load

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// Visitor has a socket: it connects, stays, and comes back when the connection ends. Its functions
// may be nil.
type Visitor struct {
	Cluster  *target.Cluster
	Where    func() *target.Node // picks a node for an attempt; nil: any of the cluster that is up
	Records  *Recorder
	Token    string
	Device   string         // empty: watches only
	More     [][]byte       // sent after welcome, such as a Subscribe
	Shown    func(m []byte) // gets each presence message; m is valid until it returns
	Backoff  time.Duration  // it comes back at a random time within this; 0: one second
	Again    time.Duration  // the same after an attempt that failed; 0: Backoff
	Patience time.Duration  // from dialing to welcome; 0: 15 s
	Dialer   *net.Dialer    // nil: the usual one

	Arrived  func()                         // called each time it is welcome
	Answered func(due time.Time, err error) // called when a heartbeat is answered in time
	Told     func()                         // called when its node tells it to go elsewhere

	now  atomic.Pointer[socket]
	lost atomic.Int64 // when the latest connection ended, in Unix nanoseconds; 0: never
	back atomic.Int64 // when the latest connection began
}

const (
	defaultBackoff = time.Second
	helloPatience  = 15 * time.Second // from dialing to welcome
)

// The names of latencies of sockets.
const (
	Connecting = "connect to welcome"
	SocketBeat = "heartbeat by socket"
)

// Stay keeps v connected until ctx ends. The latency of connecting counts from due, over all
// attempts.
func (v *Visitor) Stay(ctx context.Context, due time.Time) {
	backoff := cmp.Or(v.Backoff, defaultBackoff)
	for ctx.Err() == nil {
		s, err := v.enter(ctx, due)
		wait := rand.N(backoff)
		switch {
		case err == nil:
			if at, told := v.read(ctx, s); told {
				wait = max(0, time.Until(at))
			}
			due = time.Now().Add(wait)
		case ctx.Err() == nil:
			v.Records.Failed(time.Now(), err)
			wait = rand.N(cmp.Or(v.Again, backoff))
		}
		Sleep(ctx, wait)
	}
}

// where picks a node, or nil when none is up.
func (v *Visitor) where() *target.Node {
	if v.Where != nil {
		return v.Where()
	}
	up := v.Cluster.Up()
	if len(up) == 0 {
		return nil
	}
	return up[rand.IntN(len(up))]
}

// enter makes one attempt to be welcome.
func (v *Visitor) enter(ctx context.Context, due time.Time) (*socket, error) {
	n := v.where()
	if n == nil {
		return nil, errNoNode
	}
	s, err := v.connect(ctx, n)
	if err != nil {
		return nil, err
	}
	v.Records.Took(Connecting, due, time.Since(due))
	v.back.Store(time.Now().UnixNano())
	v.now.Store(s)
	if v.Arrived != nil {
		v.Arrived()
	}
	return s, nil
}

// connect dials a node and says hello.
func (v *Visitor) connect(ctx context.Context, n *target.Node) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(v.Patience, helloPatience))
	defer cancel()
	s, err := dial(ctx, cmp.Or(v.Dialer, &net.Dialer{}), v.Cluster.TLS, n)
	if err != nil {
		return nil, err
	}
	if err := v.hello(s); err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	return s, nil
}

func (v *Visitor) hello(s *socket) error {
	hello := `{"type":"hello","token":"` + v.Token + `"`
	if v.Device != "" {
		hello += `,"device_id":"` + v.Device + `"`
	}
	if err := s.send([]byte(hello + "}")); err != nil {
		return err
	}
	var large []byte
	text, err := s.receive(&large)
	if err != nil {
		return err
	}
	if kindOf(text) != "welcome" {
		return refusal{errNotWelcome, bytes.Clone(text)}
	}
	_ = s.conn.SetDeadline(time.Time{})
	for _, m := range v.More {
		if err := s.send(m); err != nil {
			return err
		}
	}
	return nil
}

// read reads until the connection ends, and reports whether the node told v to come back, and when.
// v stays until then, unless the node hangs up first: a device whose socket is closed lingers only
// for so long.
func (v *Visitor) read(ctx context.Context, s *socket) (at time.Time, told bool) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	defer func() {
		_ = s.conn.Close() // first, so that what is sent from now on fails
		v.leave()
		end := time.Now()
		if ctx.Err() != nil { // the run is over, and an answer might still have come in time
			end = end.Add(-answerPatience)
		}
		v.giveUp(s, end)
	}()
	var large []byte
	for {
		text, err := s.receive(&large)
		if err != nil {
			var c closed
			if errors.As(err, &c) && ctx.Err() == nil {
				v.Records.Count(c.Error(), time.Now(), 1)
			}
			return at, told
		}
		switch kindOf(text) {
		case "presence":
			if v.Shown != nil {
				v.Shown(text)
			}
		case "ok", "error":
			v.answered(s, text)
		case "reconnect":
			at, told = time.Now().Add(reconnectAfter(text)), true
			_ = s.conn.SetReadDeadline(at)
			if v.Told != nil {
				v.Told()
			}
		}
	}
}

func reconnectAfter(text []byte) time.Duration {
	var m struct {
		After int64 `json:"after_ms"`
	}
	_ = json.Unmarshal(text, &m)
	return time.Duration(m.After) * time.Millisecond
}

// kindOf is the type of a message. It comes first in what a presence server sends.
func kindOf(text []byte) string {
	rest, ok := bytes.CutPrefix(text, []byte(`{"type":"`))
	end := bytes.IndexByte(rest, '"')
	if !ok || end < 0 {
		return ""
	}
	return string(rest[:end])
}
