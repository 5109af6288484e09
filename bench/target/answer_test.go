package target

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// endless is the same byte for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestAnswersAreBounded(t *testing.T) {
	answer := func(r io.Reader, claimed int64) ([]byte, error) {
		return Whole(&http.Response{Body: io.NopCloser(r), ContentLength: claimed})
	}
	for _, claimed := range []int64{-1, 0, 5, 1 << 50} {
		if out, err := answer(strings.NewReader("hello"), claimed); err != nil || string(out) != "hello" {
			t.Errorf("%d bytes claimed: %q, %v", claimed, out, err)
		}
	}
	if out, err := answer(io.LimitReader(endless{}, maxAnswer), maxAnswer); err != nil || len(out) != maxAnswer {
		t.Errorf("%d bytes, %v; want all that the limit lets through", len(out), err)
	}
	if _, err := answer(endless{}, -1); !errors.Is(err, ErrAnswerTooLarge) || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("%v; want an error that names the limit", err)
	}
	broken := errors.New("broken")
	if _, err := answer(iotest.ErrReader(broken), 5); !errors.Is(err, broken) {
		t.Errorf("%v; want %v", err, broken)
	}
}
