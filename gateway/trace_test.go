package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
)

const (
	busy        = `{"override":"busy"}`
	givenTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	givenParent = "00-" + givenTrace + "-00f067aa0ba902b7-01"
)

// TestTraceOf: the rules of W3C Trace Context, section 3.2.
func TestTraceOf(t *testing.T) {
	for value, want := range map[string]string{
		givenParent: givenTrace,
		"00-" + givenTrace + "-00f067aa0ba902b7-00":              givenTrace,
		"cc-" + givenTrace + "-00f067aa0ba902b7-01-what-will-be": givenTrace, // of a later version
		"cc-" + givenTrace + "-00f067aa0ba902b7-01":              givenTrace,
		"cc-" + givenTrace + "-00f067aa0ba902b7-01.what":         "",
		"00-" + givenTrace + "-00f067aa0ba902b7-01-more":         "",
		"ff-" + givenTrace + "-00f067aa0ba902b7-01":              "",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01": "",
		"00-" + givenTrace + "-0000000000000000-01":              "",
		strings.ToUpper(givenParent):                             "",
		"00-" + givenTrace + "-00f067aa0ba902b7":                 "",
		"00_" + givenTrace + "-00f067aa0ba902b7-01":              "",
		"00-" + givenTrace + "-00f067aa0ba902b7-0g":              "",
		"0x-" + givenTrace + "-00f067aa0ba902b7-01":              "",
		"":  "",
		"a": "",
	} {
		if got := traceOf(http.Header{"Traceparent": {value}}); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if got := traceOf(http.Header{"Traceparent": {givenParent, givenParent}}); got != "" {
		t.Errorf("two of them: %q", got)
	}
}

func FuzzTraceOf(f *testing.F) {
	f.Add(givenParent)
	good := regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}($|-)`)
	f.Fuzz(func(t *testing.T, value string) {
		if got := traceOf(http.Header{"Traceparent": {value}}); got != "" &&
			!(good.MatchString(value) && value[3:35] == got) {
			t.Errorf("%q: %q", value, got)
		}
	})
}

// lines are those of a log of all levels, by message.
func lines(t *testing.T, log *bytes.Buffer, msg string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l["msg"] == msg {
			found = append(found, l)
		}
	}
	return found
}

func logging(log *bytes.Buffer, level slog.Level) func(*Config) {
	return func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: level})) }
}

// TestTrace: a refused request can be found in the log by the trace that its answer names.
func TestTrace(t *testing.T) {
	var log bytes.Buffer
	g := newGate(t, logging(&log, slog.LevelDebug))
	g.node.failWith(cluster.ErrUnavailable)
	for _, tt := range []struct {
		method, target, body string
		traceparent          string
		status               int
		want                 string // of the header; "" where there is none, "new" for one that was made
	}{
		{"GET", "/v1/presence?ids=,", "", "", 400, ""},
		{"GET", "/v1/presence?ids=,", "", givenParent, 400, givenTrace},
		{"PUT", "/v1/presence/ben/override", busy, "", 503, "new"},
		{"PUT", "/v1/presence/ben/override", busy, givenParent, 503, givenTrace},
		{"PUT", "/v1/presence/ben/override", busy, "nonsense", 503, "new"},
	} {
		log.Reset()
		got := g.do(tt.method, tt.target, "backend|s", tt.body, "Traceparent", tt.traceparent).want(tt.status,
			"").header.Get("Trace-Id")
		said := lines(t, &log, "request")
		if len(said) != 1 || said[0]["status"] != float64(tt.status) || strings.Contains(log.String(), "ben") {
			t.Fatalf("%s: %s", tt.target, log.String())
		}
		if tt.want == "new" && len(got) == 32 && got != givenTrace {
			tt.want = got
		}
		if got != tt.want || tt.want != "" && said[0]["trace"] != tt.want {
			t.Errorf("%s, traceparent %q: Trace-Id %q, want %q; logged %v", tt.target, tt.traceparent, got, tt.want,
				said[0])
		}
		if tt.status == 503 {
			said = lines(t, &log, "request not served")
			if len(said) != 1 || said[0]["trace"] != got || said[0]["route"] != "/v1/presence/{participant}/override" ||
				said[0]["reason"] == "" {
				t.Errorf("%s", log.String())
			}
		}
	}
}

// TestTraceOfPanic: the one line of a request that has no answer.
func TestTraceOfPanic(t *testing.T) {
	var log bytes.Buffer
	g := newGate(t, logging(&log, slog.LevelInfo), func(c *Config) { c.Auth = panicking{} })
	r := httptest.NewRequest("GET", "/v1/presence?ids=a", nil)
	r.Header.Set("Authorization", "Bearer a")
	r.Header.Set("Traceparent", givenParent)
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("the connection isn't dropped")
		}
		said := lines(t, &log, "panic while answering")
		if len(said) != 1 || said[0]["trace"] != givenTrace || said[0]["route"] != "/v1/presence" {
			t.Errorf("%s", log.String())
		}
	}()
	g.s.Handler().ServeHTTP(httptest.NewRecorder(), r)
}

type panicking struct{ auth.Authenticator }

// TestQuietLog: at the usual level nothing is logged of what was answered, or refused for good
// reasons.
func TestQuietLog(t *testing.T) {
	var log bytes.Buffer
	g := newGate(t, logging(&log, slog.LevelInfo))
	g.do("GET", "/v1/presence?ids=a", "ann", "").want(200, "")
	g.do("GET", "/v1/presence?ids=,", "ann", "").problem(wire.InvalidID, "")
	g.do("GET", "/v1/presence?ids=a", "", "").problem(wire.Unauthorized, "")
	if log.Len() > 0 {
		t.Errorf("%s", log.String())
	}
	g.node.failWith(errors.New("secret"))
	g.do("PUT", "/v1/presence/ben/override", "backend|s", busy).problem(wire.Unavailable, "")
	if got := len(lines(t, &log, "request not served")); got != 1 || strings.Contains(log.String(), "secret") {
		t.Errorf("%s", log.String())
	}
}
