package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// adminGet asks the admin listener, which wants no token.
func (s *server) adminGet(t testing.TB, path string) reply {
	t.Helper()
	res, err := s.http.Get(s.admin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{"GET " + path, res.StatusCode, res.Header, string(body)}
}

func TestAdminListener(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	s.adminGet(t, "/healthz").want(t, 200)
	s.adminGet(t, "/readyz").want(t, 200)
	s.adminGet(t, "/debug/pprof/").want(t, 200)
	ann := s.as(who("ann"))
	ann.beat(t, "secret-device", "online")
	text := s.adminGet(t, "/metrics").want(t, 200).body
	if !strings.Contains(text, "# TYPE ") || !strings.Contains(text, "presence_") {
		t.Errorf("no Prometheus metrics: %.300s", text)
	}
	if strings.Contains(text, ann.token) || strings.Contains(text, "secret-device") {
		t.Error("metrics have ids in them")
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/"} {
		ann.get(t, path).problem(t, 404, "not_found")
	}
}

func TestClusterCall(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	r := s.as(service).get(t, "/v1/cluster").want(t, 200)
	var any map[string]any
	if err := json.Unmarshal([]byte(r.body), &any); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"members", "role", "state", "partitions", "fingerprint", "serving", "all"} {
		if !strings.Contains(r.body, word) {
			t.Errorf("no %s in %s", word, r.body)
		}
	}
}

// TestOpenAPI: the contract itself is served.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	r := s.as(who("ann")).get(t, "/v1/openapi.yaml").want(t, 200)
	for _, word := range []string{"openapi: ", "/v1/presence/query", "/v1/direct-messages", "too_many_devices"} {
		if !strings.Contains(r.body, word) {
			t.Errorf("no %q in it", word)
		}
	}
	s.as("").get(t, "/v1/openapi.yaml").want(t, 200)
}

// TestPprofBeyondLoopback: profiles are for the operator on the machine, unless
// it is said otherwise.
func TestPprofBeyondLoopback(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		flags  []string
		status int
	}{{nil, 404}, {[]string{"--admin-pprof"}, 200}} {
		port := portOf(t)
		s := start(t, append([]string{"--admin-listen=0.0.0.0:" + port}, tc.flags...)...)
		s.adminGet(t, "/debug/pprof/").want(t, tc.status)
		s.adminGet(t, "/healthz").want(t, 200)
	}
}

// TestDemo: the page at / is for loopback with --auth=insecure, unless it is
// switched off.
func TestDemo(t *testing.T) {
	t.Parallel()
	r := calm.get(t).as("").get(t, "/").want(t, 200)
	if ct := r.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/html") {
		t.Errorf("Content-Type %q", ct)
	}
	start(t, "--demo=false").as("").get(t, "/").problem(t, 404, "not_found")
	jwt := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret))
	jwt.as("").get(t, "/").problem(t, 404, "not_found")
}

func TestNodeID(t *testing.T) {
	t.Parallel()
	s := start(t, "--node-id=alpha")
	w := s.as("ann").mute(t)
	if f := w.want(t, "welcome", obj{"type": "hello", "token": "ann"}); f.Node != "alpha" {
		t.Errorf("welcome: %s", f.raw)
	}
	if r := s.as(service).get(t, "/v1/cluster").want(t, 200); !strings.Contains(r.body, `"alpha"`) {
		t.Errorf("cluster: %s", r.body)
	}
}

// TestMaxConnections: a gateway takes so many sockets, and says so.
func TestMaxConnections(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-connections=2")
	first := s.as("a").connect(t, "")
	s.as("b").connect(t, "")
	_, res, err := s.as("c").dial(t, nil)
	if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the third socket: %v, %v", res, err)
	}
	s.as("c").wantState(t, "a", "offline")
	first.conn.Close(1000, "")
	eventually(t, "there is room again", func() bool {
		_, _, err := s.as("c").dial(t, nil)
		return err == nil
	})
}
