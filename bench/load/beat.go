package load

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// answerPatience is how long a visitor waits for the answer to a heartbeat: a write waits up to 5 s
// for an owner.
const answerPatience = 5 * time.Second

// ErrUnanswered means that the answer to a heartbeat didn't come.
var ErrUnanswered = errors.New("heartbeat unanswered")

var errBeatRefused = errors.New("heartbeat answered by an error")

// unanswered are the heartbeats of a connection that wait for answers. Each is known by when it was
// due, in Unix nanoseconds, which the server repeats in its answer.
type unanswered struct {
	mu  sync.Mutex
	due []int64 // ascending
}

func (u *unanswered) add(due time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	i, _ := slices.BinarySearch(u.due, due.UnixNano())
	u.due = slices.Insert(u.due, i, due.UnixNano())
}

// remove removes a heartbeat, and reports whether it was there.
func (u *unanswered) remove(due int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	i, found := slices.BinarySearch(u.due, due)
	if found {
		u.due = slices.Delete(u.due, i, i+1)
	}
	return found
}

// removeUntil removes and returns the heartbeats that were due before end.
func (u *unanswered) removeUntil(end time.Time) (late []int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n, _ := slices.BinarySearch(u.due, end.UnixNano())
	late = slices.Clone(u.due[:n])
	u.due = slices.Delete(u.due, 0, n)
	return late
}

// Connected reports whether v is connected now.
func (v *Visitor) Connected() bool { return v.now.Load() != nil }

// Beat sends a heartbeat that asks for an answer, and records the latency when the answer comes. A
// visitor that isn't connected sends nothing and is counted as away: the server keeps its device.
func (v *Visitor) Beat(due time.Time, activity string) {
	s := v.now.Load()
	if s == nil {
		v.Records.Count("heartbeats of sockets that were away", due, 1)
		return
	}
	v.giveUp(s, due.Add(-answerPatience))
	v.Records.Offered(due, 1)
	s.beats.add(due)
	err := s.send(fmt.Appendf(nil, `{"type":"heartbeat","activity":"%s","req":"%d"}`, activity, due.UnixNano()))
	if err != nil && s.beats.remove(due.UnixNano()) {
		v.Records.Failed(due, err)
	}
}

// giveUp waits no longer for the answers to heartbeats that were due before end.
func (v *Visitor) giveUp(s *socket, end time.Time) {
	for _, due := range s.beats.removeUntil(end) {
		v.Records.Failed(time.Unix(0, due), ErrUnanswered)
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

// answered records the answer to a heartbeat. Any answer but "ok" is an error.
func (v *Visitor) answered(s *socket, answer []byte) {
	_, rest, _ := bytes.Cut(answer, []byte(`"req":"`))
	text, _, _ := bytes.Cut(rest, []byte{'"'})
	due, err := strconv.ParseInt(string(text), 10, 64)
	v.giveUp(s, time.Now().Add(-answerPatience))
	if err != nil || !s.beats.remove(due) {
		return // it answers no heartbeat, or comes too late
	}
	if kindOf(answer) != "ok" {
		err = refusal{errBeatRefused, bytes.Clone(answer)}
	}
	v.Records.Done(SocketBeat, time.Unix(0, due), 1, err)
	if v.Answered != nil {
		v.Answered(time.Unix(0, due), err)
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

// Absence is how long v has been without a connection since it lost one. When it is connected
// again, it is how long that took.
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
