package admit

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Pace is how fast a client must send. An absolute time would either cut a slow phone with a large
// body, or let a client hold on that sends a byte a second.
type Pace struct {
	Grace          time.Duration // before the rate counts
	BytesPerSecond int
}

// longestPause is for how long nothing may come, however much came before: who sends a large body
// but for its end has earned hours.
const longestPause = 30 * time.Second

// by is until when n bytes, begun at began, of which some have just come, must be followed by more.
func (p Pace) by(began time.Time, n int64) time.Time {
	earned := began.Add(p.Grace + time.Duration(n)*time.Second/time.Duration(p.BytesPerSecond))
	if last := time.Now().Add(longestPause); last.Before(earned) {
		return last
	}
	return earned
}

// Body has a request's body keep the pace, up to limit bytes; what is read beyond them is the
// handler's business. The answer gets the time answer after the body, however long that took.
func (p Pace) Body(w http.ResponseWriter, r *http.Request, limit int64, answer time.Duration) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &pacedBody{
		ReadCloser: r.Body, out: http.NewResponseController(w), pace: p, limit: limit, answer: answer,
		began: time.Now(),
	}
	b.expect()
	r.Body = b
}

// Unread gives net/http its own body back once the handler is done with it. It only knows of that
// one how much has not been read, and closes a connection rather than read 256 KB for nothing.
func Unread(r *http.Request) {
	if b, ok := r.Body.(*pacedBody); ok {
		r.Body = b.ReadCloser
	}
}

// pacedBody belongs to the goroutine that serves the request.
type pacedBody struct {
	io.ReadCloser
	out    *http.ResponseController
	pace   Pace
	limit  int64
	answer time.Duration
	began  time.Time
	n      int64
}

func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		b.end()
	case err == nil && b.n <= b.limit:
		b.expect()
	}
	return n, err
}

// expect sets the times for the next part. A failure means a connection without deadlines.
func (b *pacedBody) expect() {
	by := b.pace.by(b.began, b.n)
	_ = b.out.SetReadDeadline(by)
	_ = b.out.SetWriteDeadline(by.Add(b.answer))
}

// end lets the connection be read without a time, as net/http does behind a body to notice a client
// that goes.
func (b *pacedBody) end() {
	_ = b.out.SetReadDeadline(time.Time{})
	_ = b.out.SetWriteDeadline(time.Now().Add(b.answer))
}
