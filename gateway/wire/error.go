package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// Errorf makes a refusal; the detail should say what is wrong and what would be right.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// FromError gives the refusal that says err to a client; nil for nil. A *Error anywhere in err's
// chain is taken as it is. An error that has no code of its own becomes `unavailable` without its
// text, which may be about things inside.
func FromError(err error) *Error {
	var e *Error
	var disk *cluster.DiskError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, shard.ErrInvalidID):
		return Errorf(InvalidID, "%s", strings.TrimPrefix(err.Error(), shard.ErrInvalidID.Error()+": "))
	case errors.Is(err, cluster.ErrTooManyDevices):
		return Errorf(TooManyDevices, "the participant has as many live devices as are allowed; sign one out first")
	case errors.Is(err, cluster.ErrTooManyEdges):
		return Errorf(TooManyEdges, "the participant has as many windows, edges and blocks as are allowed, and no window "+
			"that could make room; forget an edge or end a block first")
	case errors.Is(err, cluster.ErrTooManyClaims):
		return Errorf(TooManyClaims, "the participant has as many reasons to be busy as are allowed; end one first")
	case errors.Is(err, cluster.ErrReplaced):
		return Errorf(BadRequest, "the device has connected again elsewhere; this session has ended")
	case errors.Is(err, cluster.ErrGone):
		return Errorf(BadRequest, "the device was signed out; this session has ended")
	case errors.Is(err, cluster.ErrErased):
		return Errorf(BadRequest,
			"the message is from before one of its participants was erased; only later ones count")
	case errors.As(err, &disk) && disk.Stored:
		return Errorf(Unavailable, "%s; it may be stored all the same; send it again", disk.Words)
	case errors.As(err, &disk):
		return Errorf(Unavailable, "%s; nothing was stored; send it again once that is mended", disk.Words)
	case errors.Is(err, cluster.ErrCrowded):
		return Errorf(Unavailable, "the node that holds this participant, or the one with its copy, has too much to "+
			"do; "+
			"send it again")
	case errors.Is(err, cluster.ErrFull):
		return Errorf(Unavailable, "the partition that holds this participant has no room for more windows, edges, "+
			"blocks, statuses, claims or participants, or for more of this tenant; nothing was stored; an operator can "+
			"make room: forget edges, end blocks, clear statuses or erase participants there")
	case errors.Is(err, cluster.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return Errorf(Unavailable, "the node that holds this participant did not answer in time; send it again")
	default:
		return Errorf(Unavailable, "the request could not be completed; send it again")
	}
}

// Status is the HTTP status of the error's code.
func (e *Error) Status() int {
	if s, ok := Codes[e.Code]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// ProblemType is the media type of AppendProblem's text.
const ProblemType = "application/problem+json"

// AppendProblem appends the error as an RFC 9457 problem.
func (e *Error) AppendProblem(b []byte) []byte {
	status := e.Status()
	b = append(b, `{"type":"about:blank","title":`...)
	b = AppendString(b, http.StatusText(status))
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, `,"code":`...)
	b = AppendString(b, string(e.Code))
	b = append(b, `,"detail":`...)
	b = AppendString(b, e.Detail)
	return append(b, "}\n"...)
}
