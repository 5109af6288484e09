package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// scanner is a body that can read itself where it is written in the usual way; false: it can't, and
// is as it was before.
type scanner interface {
	scan(s wire.Scanner) bool
}

// nullable is a body with members that may be null.
type nullable interface {
	nulls() (names []string)
}

// batched is a body whose only member is a wire.Batch.
type batched interface {
	decodeBatch(text []byte) *wire.Error
}

// decode reads the request's JSON body into v.
func (c *call) decode(v any) error {
	if err := c.receive(); err != nil {
		return err
	}
	if b, ok := v.(scanner); ok && b.scan(wire.Scan(c.body)) {
		return nil
	}
	if e := decodeText(c.body, v); e != nil {
		return e
	}
	return nil
}

func decodeText(text []byte, v any) *wire.Error {
	switch b := v.(type) {
	case batched:
		return b.decodeBatch(text)
	case nullable:
		return wire.DecodeNulls(text, v, b.nulls())
	default:
		return wire.Decode(text, v)
	}
}

// longestNothing is the longest text that may stand for nothing, in bytes.
const longestNothing = 64

// checkBare refuses a body where none is taken: a caller that writes one means something by it. An
// empty object and null mean nothing; some clients send one with every call. Nothing is read of a
// call that needs no token, nor of a socket's upgrade, whose frames would follow its body.
func (c *call) checkBare() error {
	if !c.route.bare || c.r.ContentLength == 0 || c.route.who == open {
		return nil
	}
	if c.route.who != hello && c.r.ContentLength <= longestNothing {
		text, err := io.ReadAll(io.LimitReader(c.r.Body, longestNothing+1))
		if err != nil {
			return c.badBody(err)
		}
		if isNothing(text) {
			return nil
		}
	}
	return wire.Errorf(wire.BadRequest, "this call takes no body; what it needs is in its path and query")
}

func isNothing(text []byte) bool {
	switch {
	case len(text) > longestNothing:
		return false
	case len(text) == 0 || string(bytes.TrimSpace(text)) == "null":
		return true
	default:
		return wire.Decode(text, new(struct{})) == nil
	}
}

// receive fills c.body, if the headers say that it is JSON.
func (c *call) receive() error {
	if err := checkMediaType(c.r.Header.Get("Content-Type")); err != nil {
		return err
	}
	if e := c.r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return wire.Errorf(wire.UnsupportedMediaType, "Content-Encoding is %.40q; send the body as it is", e)
	}
	return c.readBody()
}

// checkMediaType takes JSON in UTF-8. A body that doesn't say what it is is taken for JSON too:
// nothing else is read here.
func checkMediaType(header string) error {
	if header == "" || header == "application/json" {
		return nil
	}
	media, params, err := mime.ParseMediaType(header)
	if err != nil || media != "application/json" {
		return wire.Errorf(wire.UnsupportedMediaType, "Content-Type is %.80q; it must be application/json", header)
	}
	if cs, ok := params["charset"]; ok && !strings.EqualFold(cs, "utf-8") {
		return wire.Errorf(wire.UnsupportedMediaType, "charset is %.40q; it must be utf-8", cs)
	}
	return nil
}

// readBody fills c.body. What Content-Length promises has its memory before any of it has come;
// without it, each piece has.
func (c *call) readBody() error {
	limit := c.s.config.Limits.MaxBodyBytes
	switch length := c.r.ContentLength; {
	case length > int64(limit):
		return c.badBody(&http.MaxBytesError{Limit: int64(limit)})
	case length >= 0:
		return c.readWhole(int(length))
	default:
		return c.readPieces(limit)
	}
}

// admitBody counts n bytes that are about to be read, the pieces before them included. What has no
// memory is not paid for.
func (c *call) admitBody(n int) error {
	if n > smallText {
		if err := c.grow(c.weigh(n) - c.hold.Bytes()); err != nil {
			return err
		}
	}
	return c.payIDs(n / admit.BytesPerID)
}

func (c *call) readWhole(length int) error {
	if err := c.admitBody(length); err != nil {
		return err
	}
	c.body = fitting(c.body, length)
	if _, err := io.ReadFull(c.r.Body, c.body); err != nil {
		return c.badBody(err)
	}
	return nil
}

// readPieces reads a body of unknown length. Memory doubles with what has come, and the old half is
// let go before the next piece is read. However large the memory is that another request has left,
// what is read into it is counted.
func (c *call) readPieces(limit int) error {
	in := http.MaxBytesReader(c.w, c.r.Body, int64(limit))
	c.body = fitting(c.body, smallText)[:0:smallText]
	for {
		n, err := in.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return c.badBody(err)
		}
		if len(c.body) < cap(c.body) {
			continue
		}
		more := min(2*len(c.body), limit+1) // one more is how the end is seen
		if err := c.admitBody(more); err != nil {
			return err
		}
		c.body = append(make([]byte, 0, more), c.body...)
	}
}

// fitting is b with length n, or a new slice of exactly that.
func fitting[E any](b []E, n int) []E {
	if n > cap(b) {
		return make([]E, n)
	}
	return b[:n]
}

// restWait is how long the rest of a body that is too large is waited for.
const restWait = time.Second

func (c *call) badBody(err error) error {
	var tooLarge *http.MaxBytesError
	if !errors.As(err, &tooLarge) {
		return wire.Errorf(wire.BadRequest, "the body broke off before its end")
	}
	// A client that writes all before it reads would get a reset connection in place of the answer:
	// take some more, for a moment.
	_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(restWait))
	_, _ = io.CopyN(io.Discard, c.r.Body, tooLarge.Limit)
	return wire.Errorf(wire.TooLarge, "the body is larger than %d bytes; send it in parts", tooLarge.Limit)
}
