package target

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

const (
	maxAnswer = 16 << 20  // bytes; the states of 5,000 ids are about one MiB
	roomAhead = 256 << 10 // the states of 1,000 ids fit in it
)

// ErrAnswerTooLarge is of a server that is no presence, or of one that never ends its answer. Half
// a document would be taken for a whole one that lacks something.
var ErrAnswerTooLarge = fmt.Errorf("an answer has more than %d MiB", maxAnswer>>20)

// Whole reads an answer. Its length is what a server claims: room is made ahead for little of it
// only.
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
