package abuse

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/bench/target"
)

// questions are what users of a node need to ask it.
type questions struct {
	URL, Admin string
	Tokens     []string
}

// watching is in the environment of a process that is nothing but users: questions, and for how
// long.
const watching = "PRESENCE_ABUSE_WATCH"

type task struct {
	questions
	Nanoseconds int64
}

func newQuestions(t *testing.T, n *node) questions {
	t.Helper()
	q := questions{URL: n.URL, Admin: n.Admin}
	for i := range 4 {
		q.Tokens = append(q.Tokens, token(t, fmt.Sprintf("user-%d", i), nil))
	}
	return q
}

// watch has users ask from a process of their own. In that of the attackers they would wait for
// these, and not for the node.
func (q questions) watch(lasts time.Duration) (*seen, error) {
	spec, err := json.Marshal(task{q, int64(lasts)})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), watching+"="+string(spec))
	cmd.Stderr = os.Stderr
	out, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	s := &seen{}
	return s, json.Unmarshal(out, s)
}

// output is what a process writes. It ends with this one.
func output(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := target.StartOn(nil, cmd); err != nil {
		return nil, err
	}
	err := cmd.Wait()
	return out.Bytes(), err
}

// beUsers is that process.
func beUsers(spec string) int {
	var k task
	if err := json.Unmarshal([]byte(spec), &k); err != nil {
		return fail(err)
	}
	out, err := json.Marshal(newUsers(k.questions).watch(time.Duration(k.Nanoseconds)))
	if err != nil {
		return fail(err)
	}
	_, err = os.Stdout.Write(out)
	if err != nil {
		return fail(err)
	}
	return 0
}
