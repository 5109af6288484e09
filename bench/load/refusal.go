package load

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// refusal is an error of a server, with its answer. It is counted under the error. Its text has
// what the server said.
type refusal struct {
	error
	answer []byte
}

func (r refusal) Unwrap() error { return r.error }

// Error has the detail of a problem, the message of an error, or the beginning of any other answer.
func (r refusal) Error() string {
	var said struct {
		Detail  string `json:"detail"`
		Message string `json:"message"`
	}
	if json.Unmarshal(r.answer, &said) == nil && said.Detail+said.Message != "" {
		return r.error.Error() + ": " + said.Detail + said.Message
	}
	return fmt.Sprintf("%v: %.200q", r.error, bytes.TrimSpace(r.answer))
}
