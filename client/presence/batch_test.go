package presence

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is a server of the HTTP API that rejects items about those called bad, and fails the second
// request.
type fake struct {
	t     *testing.T
	sizes []int // of the lists in the requests
	fail  int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var lists map[string][]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&lists); err != nil {
		f.t.Error(err)
	}
	if r.Header.Get("Authorization") != "Bearer service" || r.Header.Get("Content-Type") != "application/json" {
		f.t.Errorf("headers %v", r.Header)
	}
	var items []json.RawMessage
	for _, items = range lists {
	}
	if f.sizes = append(f.sizes, len(items)); len(f.sizes) == f.fail {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"code":"rate_limited","detail":"slowly"}`)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/query") {
		states := make(States)
		for _, id := range items {
			states[strings.Trim(string(id), `"`)] = Online
		}
		_ = json.NewEncoder(w).Encode(states)
		return
	}
	rejected := []rejectedItem{}
	for i, item := range items {
		if strings.Contains(string(item), `"bad"`) {
			rejected = append(rejected, rejectedItem{i, "invalid_id", "bad"})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"accepted": len(items) - len(rejected), "rejected": rejected})
}

func (f *fake) start() API {
	s := httptest.NewServer(f)
	f.t.Cleanup(func() { s.Close(); s.Client().CloseIdleConnections() })
	return API{Server: s.URL + "/", Token: "service", HTTP: s.Client()}
}

var wantSizes = []int{batchItems, batchItems, 7}

const many = 2*batchItems + 7

func TestBeatInBatches(t *testing.T) {
	f := &fake{t: t, fail: 2}
	beats := make([]Heartbeat, many)
	for i := range beats {
		beats[i] = Heartbeat{fmt.Sprint(i), "phone", Online}
	}
	beats[3].Participant, beats[many-1].Participant = "bad", "bad"
	rejected := f.start().Beat(t.Context(), beats)
	if diff := cmp.Diff(wantSizes, f.sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
	if len(rejected) != batchItems+2 {
		t.Fatalf("%d rejected", len(rejected))
	}
	for i, r := range rejected {
		index, want := batchItems+i-1, &Error{Code: "rate_limited", Message: "slowly", RetryAfter: 3 * time.Second}
		switch i {
		case 0:
			index, want = 3, &Error{Code: "invalid_id", Message: "bad"}
		case len(rejected) - 1:
			index, want = many-1, &Error{Code: "invalid_id", Message: "bad"}
		}
		if diff := cmp.Diff(Rejection{index, want}, r); diff != "" {
			t.Fatalf("rejection %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestBeatOfBadText: what JSON would turn into another id is not sent, and the others keep their
// index.
func TestBeatOfBadText(t *testing.T) {
	f := &fake{t: t}
	rejected := f.start().Beat(t.Context(), []Heartbeat{
		{"ann", "phone", Online}, {"bob", "\xff", Online}, {"bad", "phone", Online}, {"\xff", "phone", Online},
	})
	want := []Rejection{
		{1, &Error{Code: "invalid_id", Message: `id "\xff" is not UTF-8`}},
		{2, &Error{Code: "invalid_id", Message: "bad"}},
		{3, &Error{Code: "invalid_id", Message: `id "\xff" is not UTF-8`}},
	}
	if diff := cmp.Diff(want, rejected); diff != "" || !slices.Equal(f.sizes, []int{2}) {
		t.Errorf("sizes %v, rejections (-want +got):\n%s", f.sizes, diff)
	}
}

func TestStatesInBatches(t *testing.T) {
	f := &fake{t: t, fail: 2}
	ids := make([]string, many)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	states, err := f.start().States(t.Context(), ids...)
	if refused, ok := errors.AsType[*Error](err); !ok || !refused.Repeatable() {
		t.Errorf("error %v", err)
	}
	if !slices.Equal(wantSizes, f.sizes) || len(states) != many {
		t.Errorf("sizes %v, %d states", f.sizes, len(states))
	}
	for i, id := range ids {
		want := Online
		if i/batchItems == 1 {
			want = Unknown
		}
		if states[id] != want {
			t.Fatalf("%s is %s", id, states[id])
		}
	}
}

// TestStatesOfBadIDs: the others of the list have their states. In JSON a byte that is no UTF-8
// would become another id.
func TestStatesOfBadIDs(t *testing.T) {
	f := &fake{t: t}
	states, err := f.start().States(t.Context(), "ann", "not an id", "\xff", "bob")
	if refused, ok := errors.AsType[*Error](err); !ok || refused.Code != codeInvalidID {
		t.Errorf("error %v", err)
	}
	want := States{"ann": Online, "not an id": Unknown, "\xff": Unknown, "bob": Online}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// TestDirectMessages: a message without a time is sent without one.
func TestDirectMessages(t *testing.T) {
	f := &fake{t: t}
	two := [2]string{"ann", "bad"}
	for _, m := range []DirectMessage{{Participants: two}, {two, time.Unix(0, 0)}} {
		text, err := encode(m)
		if err != nil || strings.Contains(string(text), `"at"`) == m.At.IsZero() {
			t.Errorf("%s, %v", text, err)
		}
		if rejected := f.start().DirectMessages(t.Context(), []DirectMessage{m}); len(rejected) != 1 {
			t.Errorf("rejected %v", rejected)
		}
	}
}
