package prometheus

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

// program is the command, built once for the whole run.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "presence-prometheus-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	if program, err = target.Binary(context.Background(), "", dir); err != nil {
		return fail(err)
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			return fail(err)
		}
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "prometheus:", err)
	return 1
}

// need is the path of a program of Debian's prometheus package.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: make prometheus-needs does that, on Debian", name)
	}
	return path
}

// node is a node that has been asked something.
func node(t *testing.T) *target.Node {
	t.Helper()
	c, err := target.StartLocal(t.Context(), target.Plan{Nodes: 1, Binary: program})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	n := c.Nodes[0]
	for range 10 {
		get(t, n.URL+"/v1/presence?ids=ada,ben", "ann")
	}
	get(t, n.URL+"/v1/presence?ids=,", "ann")
	return n
}

// get is the body of an answer, whatever it is.
func get(t *testing.T, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error() // it may not listen yet
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// patience is how long something may take that must come.
const patience = time.Minute

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
