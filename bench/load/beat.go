package load

import (
	"errors"
	"time"
)

// answerPatience is how long the answer of a heartbeat is waited for: a write waits up to 5 s for an owner.
const answerPatience = 5 * time.Second

// ErrUnanswered is of a heartbeat whose answer didn't come.
var ErrUnanswered = errors.New("heartbeat unanswered")

// Connected says whether v is connected now.
func (v *Visitor) Connected() bool { return v.now.Load() != nil }

// Beat sends a heartbeat that asks for an answer; its latency is recorded when that comes. Who isn't connected has nothing to send on: its
// device is kept by the server, and it is counted as away.
func (v *Visitor) Beat(due time.Time, activity string) {
	s := v.now.Load()
	if s == nil {
		v.Records.Count("heartbeats of sockets that were away", due, 1)
		return
	}
	if before := v.beating.Load(); before != 0 && due.Sub(time.Unix(0, before)) < answerPatience {
		_ = s.send([]byte(`{"type":"heartbeat","activity":"` + activity + `"}`)) // one answer at a time is waited for
		return
	}
	v.Records.Offered(due, 1)
	if before := v.beating.Swap(due.UnixNano()); before != 0 {
		v.Records.Failed(time.Unix(0, before), ErrUnanswered)
	}
	if err := s.send([]byte(`{"type":"heartbeat","activity":"` + activity + `","req":"b"}`)); err != nil {
		v.beating.Store(0)
		v.Records.Failed(due, err)
	}
}

// QuietBeat is a heartbeat that asks for no answer, as those of most clients do.
const QuietBeat = `{"type":"heartbeat","activity":"online"}`

// BeatQuietly sends a QuietBeat, if there is a connection.
func (v *Visitor) BeatQuietly() {
	if s := v.now.Load(); s != nil {
		_ = s.send([]byte(QuietBeat))
	}
}

func (v *Visitor) answered() {
	if due := v.beating.Swap(0); due != 0 {
		v.Records.Done(SocketBeat, time.Unix(0, due), 1, nil)
	}
}

// Goodbye signs the device out; the server then closes the connection.
func (v *Visitor) Goodbye() error {
	if s := v.now.Load(); s != nil {
		return s.send([]byte(`{"type":"goodbye"}`))
	}
	return nil
}

func (v *Visitor) leave() {
	v.lost.Store(time.Now().UnixNano())
	v.now.Store(nil)
}

// Absence is how long v has been without a connection since it had one; while it has one, how long it was before.
func (v *Visitor) Absence() time.Duration {
	lost, back := v.lost.Load(), v.back.Load()
	switch {
	case lost == 0:
		return 0
	case back < lost:
		back = time.Now().UnixNano()
	}
	return time.Duration(back - lost)
}

// Drop closes the connection without a word, as a network does.
func (v *Visitor) Drop() {
	if s := v.now.Load(); s != nil {
		_ = s.conn.Close()
	}
}
