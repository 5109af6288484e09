package socket

import (
	"errors"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

// fatal is a refusal after which the connection is closed.
type fatal struct {
	code closeCode
	why  *wire.Error
}

func (f *fatal) Error() string { return f.why.Error() }

func (f *fatal) Unwrap() error { return f.why }

// fail answers with an error, and closes the connection if err leaves it no purpose.
func (c *conn) fail(err error, req string) {
	e := wire.FromError(err)
	c.reply(func(b []byte) []byte { return appendError(b, e, req) })
	c.shutFor(err)
}

func (c *conn) shutFor(err error) {
	var f *fatal
	switch {
	case errors.As(err, &f):
		c.shut(f.code)
	case errors.Is(err, cluster.ErrReplaced):
		c.shut(closeReplaced)
	case errors.Is(err, cluster.ErrGone):
		c.shut(closeNormal)
	}
}
