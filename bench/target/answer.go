package target

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

const (
	maxAnswer = 16 << 20  // bytes; the states of 5,000 ids are about one MiB
	roomAhead = 256 << 10 // bytes, enough for the states of 1,000 ids
)

// ErrAnswerTooLarge means that the server is no presence server, or never ends its answer. Half a
// document would pass for a whole one that lacks something.
var ErrAnswerTooLarge = fmt.Errorf("an answer has more than %d MiB", maxAnswer>>20)

// Whole reads an answer. A server may claim any length, so Whole makes room ahead for little of it.
func Whole(res *http.Response) ([]byte, error) {
	room := min(max(res.ContentLength, 0), roomAhead) + bytes.MinRead
	out := bytes.NewBuffer(make([]byte, 0, room))
	if _, err := io.Copy(out, io.LimitReader(res.Body, maxAnswer+1)); err != nil {
		return nil, err
	}
	if out.Len() > maxAnswer {
		return nil, ErrAnswerTooLarge
	}
	return out.Bytes(), nil
}
