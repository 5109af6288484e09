package proxies

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// asker asks through a proxy without a pause, and notes what isn't answered.
type asker struct {
	stop chan struct{}
	done sync.WaitGroup

	mu       sync.Mutex
	answers  int
	failures []string
}

func ask(t *testing.T, b *browser) *asker {
	a := &asker{stop: make(chan struct{})}
	good := token("asker", "")
	a.done.Go(func() {
		for a.goesOn() {
			got, err := b.ask("GET", "/v1/presence?ids=person-1", good, nil)
			a.note(got, err)
		}
	})
	t.Cleanup(a.end)
	return a
}

func (a *asker) goesOn() bool {
	select {
	case <-a.stop:
		return false
	default:
		return true
	}
}

func (a *asker) note(got reply, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil || got.status != http.StatusOK {
		a.failures = append(a.failures, fmt.Sprint(got.status, " ", got.body, err))
		return
	}
	a.answers++
}

// end stops it, once.
func (a *asker) end() {
	if a.goesOn() {
		close(a.stop)
	}
	a.done.Wait()
}

// counts are the answers so far, and what wasn't answered.
func (a *asker) counts() (answers int, failures []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.answers, a.failures
}
