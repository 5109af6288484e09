package gateway

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// scanner is a body that can read itself where it is written in the usual way; false: it can't, and is as it was before.
type scanner interface {
	scan(s wire.Scanner) bool
}

// decode reads the request's JSON body into v.
func (c *call) decode(v any) error {
	if err := c.receive(); err != nil {
		return err
	}
	if b, ok := v.(scanner); ok && b.scan(wire.Scan(c.body)) {
		return nil
	}
	if e := wire.Decode(c.body, v); e != nil {
		return e
	}
	return nil
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

// checkMediaType takes JSON in UTF-8. A body that doesn't say what it is is taken for JSON too: nothing else is read here.
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

// firstRead is how much memory a body gets before any of it has come: what Content-Length says is only a promise.
const firstRead = 64 << 10

// readBody fills c.body.
func (c *call) readBody() error {
	limit := c.s.config.Limits.MaxBodyBytes
	if err := c.payIDs(int(min(c.r.ContentLength, int64(limit)) / admit.BytesPerID)); err != nil {
		return err
	}
	c.body = slices.Grow(c.body[:0], min(firstRead, int(max(c.r.ContentLength, 0))+1))
	in := http.MaxBytesReader(c.w, c.r.Body, int64(limit))
	for {
		n, err := in.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return c.badBody(err)
		}
		if len(c.body) == cap(c.body) {
			c.body = slices.Grow(c.body, len(c.body)+1)
		}
	}
}

// restWait is how long the rest of a body that is too large is waited for.
const restWait = time.Second

func (c *call) badBody(err error) error {
	var tooLarge *http.MaxBytesError
	if !errors.As(err, &tooLarge) {
		return wire.Errorf(wire.BadRequest, "the body broke off before its end")
	}
	// A client that writes all before it reads would get a reset connection in place of the answer: take some more, for a moment.
	_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(restWait))
	_, _ = io.CopyN(io.Discard, c.r.Body, tooLarge.Limit)
	return wire.Errorf(wire.TooLarge, "the body is larger than %d bytes; send it in parts", tooLarge.Limit)
}
