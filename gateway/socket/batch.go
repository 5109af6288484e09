package socket

import (
	"sync"

	"github.com/scaiwave/presence/gateway/hub"
)

// changesAFrame bounds a frame of changes; 1,000 of the longest ids are 150 KB.
const changesAFrame = 1000

var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// batch is what is written at a time: whole frames.
type batch struct {
	bytes []byte
	own   *[]byte   // the buffer that bytes are in; nil: they are shared with others
	more  bool      // changes are left
	code  closeCode // nothing follows, and the connection is closed; 0: it isn't
}

// next takes what there is to write: replies first, then how the participant sees itself, then
// changes. A single change comes as bytes that others are sent too.
func (c *conn) next() (b batch) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	b.own, b.code = o.takeReplies(), o.code
	if b.code == 0 {
		c.news(&b)
	}
	if b.own != nil {
		b.bytes = *b.own
	}
	return b
}

// news adds what isn't an answer. The caller holds out.mu.
func (c *conn) news(b *batch) {
	o := &c.out
	if o.ping {
		o.ping = false
		b.own = grown(b.own)
		*b.own = append(*b.own, pingFrame...)
	}
	if o.viewer == nil {
		return
	}
	if self, ok := o.viewer.DrainSelf(); ok {
		b.own = grown(b.own)
		*b.own = appendSelf(*b.own, self)
		c.srv.counters.frames.Add(1)
	}
	c.changes(b)
}

// changes adds the viewer's changes. The caller holds out.mu.
func (c *conn) changes(b *batch) {
	var few [8]hub.Change
	changes, more := c.out.viewer.Drain(few[:0], changesAFrame)
	if len(changes) == 0 {
		return
	}
	b.more = more
	c.srv.counters.frames.Add(1)
	c.srv.counters.changes.Add(int64(len(changes)))
	if b.own == nil && len(changes) == 1 && changes[0].Frame != nil {
		b.bytes = changes[0].Frame
		return
	}
	b.own = grown(b.own)
	*b.own = appendChanges(*b.own, changes)
}

// takeReplies empties the queue and lets the reader go on. The caller holds mu.
func (o *out) takeReplies() *[]byte {
	replies := o.replies
	o.replies = nil
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return replies
}

func grown(b *[]byte) *[]byte {
	if b == nil {
		return outboxes.Get().(*[]byte)
	}
	return b
}

// done leaves the buffer to others once it has been written.
func (b *batch) done() {
	if b.own == nil {
		return
	}
	if *b.own = (*b.own)[:0]; cap(*b.own) <= maxOutboxBytes {
		outboxes.Put(b.own)
	}
}
