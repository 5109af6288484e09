package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// Visitor is somebody with a socket: it connects, stays, and comes back when the connection ends.
type Visitor struct {
	Cluster *target.Cluster
	Records *Recorder
	Token   string
	Device  string         // empty: watches only
	More    [][]byte       // sent after welcome, such as a Subscribe
	Take    func(m []byte) // presence messages; m is good until it returns
	Backoff time.Duration  // it comes back at a random time within; 0: one second
	Arrived func()         // when it is welcome, each time; nil: nobody wants to know

	now  atomic.Pointer[socket]
	lost atomic.Int64 // when the latest connection ended, in Unix nanoseconds; 0: never
	back atomic.Int64 // when the latest began
}

const defaultBackoff = time.Second

// The names of latencies of sockets.
const (
	Connecting = "connect to welcome"
	SocketBeat = "heartbeat by socket"
)

// Stay keeps v connected until ctx ends, from due on. The latency of connecting counts from due, over all attempts.
func (v *Visitor) Stay(ctx context.Context, due time.Time) {
	backoff := v.Backoff
	if backoff == 0 {
		backoff = defaultBackoff
	}
	for ctx.Err() == nil {
		s, err := v.enter(ctx, due)
		wait := rand.N(backoff)
		switch {
		case err == nil:
			if after, told := v.until(ctx, s); told {
				wait = after
			}
			due = time.Now().Add(wait)
		case ctx.Err() == nil:
			v.Records.Failed(time.Now(), err)
		}
		Sleep(ctx, wait)
	}
}

// enter makes one attempt to be welcome at any node.
func (v *Visitor) enter(ctx context.Context, due time.Time) (*socket, error) {
	up := v.Cluster.Up()
	if len(up) == 0 {
		return nil, errNobody
	}
	s, err := v.connect(ctx, up[rand.IntN(len(up))])
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
	ctx, cancel := context.WithTimeout(ctx, helloPatience)
	defer cancel()
	s, err := dial(ctx, v.Cluster.TLS, n)
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

// until reads until the connection ends, and says whether it was told to come back, and after how long.
func (v *Visitor) until(ctx context.Context, s *socket) (after time.Duration, told bool) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	defer func() {
		_ = s.conn.Close() // first: what is sent later fails
		v.leave()
		end := time.Now()
		if ctx.Err() != nil { // the run is over: whether an answer would have come in time isn't known
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
			return 0, false
		}
		switch kindOf(text) {
		case "presence":
			if v.Take != nil {
				v.Take(text)
			}
		case "ok", "error":
			v.answered(s, text)
		case "reconnect":
			return reconnectAfter(text), true
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
