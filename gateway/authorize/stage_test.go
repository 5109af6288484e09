package authorize

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/gateway/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// backend is an endpoint in memory, in virtual time.
type backend struct {
	t testing.TB

	mu      sync.Mutex
	friends map[string][]string // by viewer, whom it may see
	ttl     string              // as it stands in the answer
	broken  bool
	slow    time.Duration
	asked   []question
	atOnce  int
	most    int // at once
	replies func() (status int, body string)
}

type question struct {
	Tenant       *string  `json:"tenant"`
	Viewer       string   `json:"viewer"`
	Participants []string `json:"participants"`
}

// RoundTrip is http.RoundTripper's.
func (b *backend) RoundTrip(r *http.Request) (*http.Response, error) {
	q := b.read(r)
	b.mu.Lock()
	b.asked = append(b.asked, q)
	b.atOnce++
	b.most = max(b.most, b.atOnce)
	slow, broken, friends, ttl, replies := b.slow, b.broken, b.friends[q.Viewer], b.ttl, b.replies
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.atOnce--
		b.mu.Unlock()
	}()
	select {
	case <-time.After(slow):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if broken {
		return nil, errors.New("connection refused")
	}
	if replies != nil {
		return answerOf(replies()), nil
	}
	allowed, _ := json.Marshal(friends)
	return answerOf(http.StatusOK, `{"allowed":`+string(allowed)+`,"ttl_seconds":`+ttl+`}`), nil
}

func answerOf(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}
}

// read reads a question as a backend does, which has but one of the secrets.
func (b *backend) read(r *http.Request) (q question) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
	}
	if err := json.Unmarshal(body, &q); err != nil || q.Tenant == nil {
		b.t.Errorf("question %s: %v", body, err)
	}
	for _, secret := range []string{secretA, secretB} {
		verifier, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			b.t.Fatal(err)
		}
		if err := verifier.Verify(body, r.Header); err != nil {
			b.t.Errorf("%v is not signed: %v", r.Header, err)
		}
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		b.t.Errorf("%s with %v", r.Method, r.Header)
	}
	return q
}

func (b *backend) set(f func(b *backend)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

// questions are those that came since the last time.
func (b *backend) questions() []question {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked
	b.asked = nil
	return asked
}

// newStage makes a client and its backend. Call it within a bubble.
func newStage(t testing.TB, mostKept int) (*Client, *backend) {
	t.Helper()
	c := newClient(t, "https://backend.example/may-see")
	b := &backend{t: t, friends: map[string][]string{}, ttl: "300"}
	c.http.Transport = b
	c.kept.most = mostKept
	return c, b
}

func newClient(t testing.TB, url string) *Client {
	t.Helper()
	secrets, err := ParseSecrets([]byte(secretA + "\n\n" + secretB + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{
		URL: url, Secrets: func() Secrets { return secrets }, MostKept: MostKept, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// ask are the verdicts on ids.
func ask(t testing.TB, c *Client, viewer string, ids ...string) string {
	t.Helper()
	answers := make([]Answer, len(ids))
	c.Ask(context.Background(), tenant.Participant(viewer), tenant.Name("").Participants(ids), answers)
	var words []string
	for _, a := range answers {
		words = append(words, []string{"unknown", "denied", "allowed"}[a.Verdict])
		if a.Verdict == NotKnown && time.Until(a.Until) > 2*retryAfter {
			t.Errorf("to be asked again in %v", time.Until(a.Until))
		}
	}
	return strings.Join(words, " ")
}

func wantAsked(t testing.TB, b *backend, want ...string) {
	t.Helper()
	var got []string
	for _, q := range b.questions() {
		got = append(got, q.Viewer+": "+strings.Join(q.Participants, " "))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func want(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
