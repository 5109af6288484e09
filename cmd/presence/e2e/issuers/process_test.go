package issuers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// patience is how long anything may take. The machine may be busy; nothing waits for it in a good
// run.
const patience = 2 * time.Minute

// process is one that the test runs.
type process struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	text bytes.Buffer
	gone chan struct{} // closed when it has ended
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *process) wrote() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// begin starts a process, which ends with the test at the latest, and waits until url is answered.
func begin(t *testing.T, url string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(args[0], args[1:]...), gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := target.StartOn(nil, p.cmd); err != nil {
		t.Fatalf("%v; make issuers-needs installs what the tests run", err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.gone)
	}()
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Logf("%s wrote:\n%.4000s", args[0], p.wrote())
		}
	})
	p.await(t, url)
	return p
}

func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.gone
}

// await asks url until it is answered well.
func (p *process) await(t *testing.T, url string) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := answers(url)
		if err == nil {
			return
		}
		select {
		case <-p.gone:
			t.Fatalf("it has ended; make issuers-needs installs what it needs:\n%s", p.wrote())
		default:
		}
		if time.Since(begun) > patience {
			t.Fatalf("no answer: %v\n%s", err, p.wrote())
		}
	}
}

func answers(url string) error {
	res, err := client.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	return nil
}

// client keeps no connections, so that none is left to a process that has ended.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
