package load

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// refusal is an error of a server, with its answer. It is counted as the error is; what it says is
// looked for when somebody wants to know.
type refusal struct {
	error
	answer []byte
}

func (r refusal) Unwrap() error { return r.error }

// Error has the detail of a problem, or the message of an error; of any other answer, the
// beginning.
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
