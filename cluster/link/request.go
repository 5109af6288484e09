package link

import (
	"errors"
	"fmt"
)

// Reply answers.
func (r Request) Reply(payload []byte) {
	if len(payload) > maxFrame[r.Conn.class] {
		r.Fail(fmt.Errorf("%w: an answer of %d bytes", ErrLarge, len(payload)))
		return
	}
	r.Conn.send(kindReply, r.Method, r.id, payload)
}

// Fail answers with an error. The caller gets ErrBusy for ErrBusy, and ErrRemote for any other.
func (r Request) Fail(err error) {
	if errors.Is(err, ErrBusy) {
		r.Conn.send(kindBusy, r.Method, r.id, nil)
		return
	}
	r.Conn.send(kindFailure, r.Method, r.id, []byte(err.Error()))
}

// failLate fails a call that is late. It reports whether it was.
func (r Request) failLate() bool {
	late := r.Conn.now() - r.due
	if late <= 0 || r.Conn.class == Bulk {
		return false
	}
	r.Fail(fmt.Errorf("%w: by %v", errLate, late+maxLate))
	return true
}

// take begins a call, unless it was on its way for so long that its caller has given it up.
func (c *Conn) take(f frame) {
	now := c.now()
	r := Request{Conn: c, Method: f.method, id: f.id}
	sent, payload, ok := cutStamp(f.payload)
	if !ok {
		r.Fail(fmt.Errorf("link: a call of %d bytes", len(f.payload)))
		return
	}
	r.due = now + maxLate - c.ages.note(sent, now)
	if r.failLate() {
		return
	}
	r.Payload = payload
	c.serve(r)
}

// serve runs a call, or refuses it if the places of its lane are in use.
func (c *Conn) serve(r Request) {
	lane := c.handler.Lane(r.Method, r.Payload)
	count := &c.stats.lanes[lane]
	if !c.places.take(lane) {
		count.refused.Add(1)
		r.Fail(ErrBusy)
		return
	}
	count.running.Add(1)
	j := jobs.Get().(*job)
	r.Payload = append(j.Payload, r.Payload...)
	j.Request, j.lane = r, lane
	c.workers.start(c, j)
}
