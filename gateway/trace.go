package gateway

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

// traceHeader has the trace id of a refused request, for an operator who looks for it in the log.
const traceHeader = "Trace-Id"

// traceOf is the trace id of a traceparent (W3C Trace Context, level 1); empty where there is none,
// several, or a bad one.
func traceOf(h http.Header) string {
	const parentEnd = 2 + 1 + 32 + 1 + 16
	values := h["Traceparent"]
	if len(values) != 1 || len(values[0]) < parentEnd+len("-00") {
		return ""
	}
	v := values[0]
	version, trace, parent, flags, rest := v[:2], v[3:35], v[36:parentEnd], v[parentEnd+1:parentEnd+3], v[parentEnd+3:]
	switch {
	case v[2] != '-' || v[35] != '-' || v[parentEnd] != '-':
		return ""
	case !isHex(version) || version == "ff" || !isHex(flags):
		return ""
	case version == "00" && rest != "", rest != "" && rest[0] != '-': // a later version may have more
		return ""
	case !isHex(trace) || allZero(trace) || !isHex(parent) || allZero(parent):
		return ""
	}
	return trace
}

// isHex reports whether s is digits and small letters of hexadecimal numbers alone.
func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func allZero(s string) bool {
	for i := range len(s) {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// newTrace makes a trace id. It is no secret: that two are the same is what must not happen.
func newTrace() string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), rand.Uint64()|1) // never all zero
	return hex.EncodeToString(binary.BigEndian.AppendUint64(b, rand.Uint64()))
}

// traceID is the trace id that the caller gave, or one made for this request.
func (c *call) traceID() string {
	if c.trace == "" {
		c.trace = traceOf(c.r.Header)
	}
	if c.trace == "" {
		c.trace = newTrace()
	}
	return c.trace
}

// tellTrace names the trace in a refusal. A client that gave none is told one only where the log
// has more to say: what the client did wrong is in the answer, which stays the same each time.
func (c *call) tellTrace(status int) {
	if status >= http.StatusInternalServerError || traceOf(c.r.Header) != "" {
		c.w.Header()[traceHeader] = []string{c.traceID()}
	}
}

// logAnswer writes a line for each answer at level debug, and for what this node could
// not do. No id is in it: the route is the path's pattern.
func (c *call) logAnswer(refused *wire.Error) {
	log, ctx := c.s.config.Logger, context.Background()
	if refused != nil && refused.Status() >= http.StatusInternalServerError {
		log.Info("request not served", "method", c.method(), "route", c.path(), "reason", refused.Detail, "trace",
			c.traceID())
	}
	if log.Enabled(ctx, slog.LevelDebug) {
		log.Debug("request", "method", c.method(), "route", c.path(), "status", c.status, "after", time.Since(c.start),
			"trace", c.traceID())
	}
}

// path is the route's pattern, and "other" where there is none.
func (c *call) path() string {
	if c.route == nil {
		return "other"
	}
	return c.route.path
}

// method is the request's, if it is one that a route has.
func (c *call) method() string {
	if c.route == nil {
		return "other"
	}
	return c.r.Method
}
