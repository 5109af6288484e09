package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

	"github.com/scaiwave/presence/bench/target"
)

// StatusError is an answer with a status that means an error.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

// Untrusted and NotWelcome are kinds of errors. A certificate was signed by no known authority. Or
// the server answered hello by an error, such as when no owner answers in time.
const (
	Untrusted  = "certificate not trusted"
	NotWelcome = "hello answered by an error"
)

var errNotWelcome = errors.New(NotWelcome)

// ErrNotStarted means that work was due while all workers waited for the server, until the run was
// over.
var ErrNotStarted = errors.New("not started")

// ErrNoAnswer means that an answer had not come a while after the end.
var ErrNoAnswer = errors.New("no answer by the end")

// ErrIncomplete means that an answer has not one state for each id asked. It would otherwise pass
// for an answer in which all are known.
var ErrIncomplete = errors.New("answer without a state for each id")

var errNoNode = errors.New("no node is up")

// closed means that the server has closed the connection, with this code.
type closed uint16

func (c closed) Error() string { return fmt.Sprintf("close %d", uint16(c)) }

// ErrRejected means that the server rejected an item of a batch.
var ErrRejected = errors.New("rejected")

// own are the errors that are counted under their own text.
var own = []error{
	ErrNotStarted, ErrNoAnswer, ErrIncomplete, target.ErrAnswerTooLarge, ErrRejected, ErrUnanswered,
	errBeatRefused, errNoNode, errNotWelcome,
}

// Kind is the short name under which an error is counted.
func Kind(err error) string {
	var (
		status  StatusError
		timeout net.Error
		end     closed
		refused refusal
		trust   *tls.CertificateVerificationError
	)
	mine := slices.IndexFunc(own, func(e error) bool { return errors.Is(err, e) })
	switch {
	case errors.As(err, &refused):
		return Kind(refused.error)
	case errors.As(err, &trust):
		return Untrusted
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &end):
		return end.Error()
	case mine >= 0:
		return own[mine].Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF):
		return "connection broke"
	case errors.Is(err, syscall.EMFILE):
		return "too many open files"
	default:
		return "other"
	}
}
