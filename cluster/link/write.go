package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coder/websocket"
)

// writeTimeout is how long a message may take to leave.
const writeTimeout = 10 * time.Second

func (c *Conn) write() {
	// one for all messages: a context for each would be most of what a small one costs here
	late := time.AfterFunc(writeTimeout, func() { c.cancel(errStalled) })
	late.Stop()
	var spare []byte
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.out.wake:
		}
		b, used := c.out.take(spare)
		if used {
			c.use(c.now())
		}
		if len(b) > 0 {
			late.Reset(writeTimeout)
			err := c.ws.Write(context.Background(), websocket.MessageBinary, b) // read ends it with the connection
			late.Stop()
			if err != nil {
				c.cancel(err)
				return
			}
		}
		if spare = b; cap(spare) > kept {
			spare = nil
		}
	}
}

// send puts a frame into the outbox. A connection whose outbox has no room for an answer is of no
// use, and is closed.
func (c *Conn) send(k kind, method byte, id uint32, payload []byte) {
	if err := c.out.put(k, method, id, nil, payload); errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
		c.cancel(ErrFull)
	}
}

// Push sends a message that wants no answer. A push must not be lost unseen, so one that can't be
// sent closes the connection.
func (c *Conn) Push(method byte, payload []byte) error {
	var err error
	if len(payload) > maxFrame[c.class] {
		err = fmt.Errorf("%w: a push of %d bytes", ErrLarge, len(payload))
	} else if err = c.out.put(kindPush, method, 0, nil, payload); errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
	}
	if err != nil {
		c.cancel(err)
	}
	return err
}

// Pack adds an item to a push of such items. With ErrFull the item is not sent.
func (c *Conn) Pack(method byte, item []byte) error {
	err := c.out.pack(method, item)
	if errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
	}
	return err
}

// Queued is how many bytes wait to be written.
func (c *Conn) Queued() int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return len(c.out.bytes)
}
