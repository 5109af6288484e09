package load

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// TestAnAnswerHasAStateForEachId: a state that is missing, or too many, is an error, and the ids of
// the question don't count as asked.
func TestAnAnswerHasAStateForEachId(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	cluster, err := target.Running([]string{server.URL}, "token", "")
	if err != nil {
		t.Fatal(err)
	}
	api := NewAPI(cluster)
	defer api.Close()
	for text, whole := range map[string]bool{
		`{"states":{"a":"online","b":"online"}}`:              true,
		`{"states":{"a":"online"}}`:                           false,
		`{"states":{"a":"online","b":"online","c":"online"}}`: false,
		`{"states":{}}`: false,
		`{}`:            false,
	} {
		answer = text
		r := NewRecorder()
		r.Begin()
		p := &Probe{API: api, Records: r, IDs: []string{"a", "b"}, Size: 2}
		p.Prepare()
		p.ask(t.Context(), 0, time.Now())
		failed := r.Counts().Errors["answer without a state for each id"]
		if whole != (r.Asked.Load() == 2 && failed == 0 && p.LastBad().IsZero()) ||
			!whole && (r.Asked.Load() != 0 || failed != 1) {
			t.Errorf("%s: %d asked, %d failed, last bad %v", text, r.Asked.Load(), failed, p.LastBad())
		}
	}
}

// TestASilenceThatLasts: it counts as one that has ended.
func TestASilenceThatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Probe{}
		p.judge(true)
		p.Forget()
		time.Sleep(3 * time.Second)
		p.judge(false)
		if p.Longest() != 3*time.Second {
			t.Errorf("%v without a whole answer are told as %v", 3*time.Second, p.Longest())
		}
		time.Sleep(time.Second)
		p.judge(true)
		time.Sleep(time.Second)
		if p.Longest() != 4*time.Second {
			t.Errorf("%v, which have ended, are told as %v", 4*time.Second, p.Longest())
		}
	})
}
