package gateway

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/wire"
)

// backend is an authorize endpoint in memory, in virtual time.
type backend struct {
	mu      sync.Mutex
	friends map[string]bool // "viewer id"
	silent  bool
	asked   []string // "viewer id"
}

// RoundTrip is http.RoundTripper's.
func (b *backend) RoundTrip(r *http.Request) (*http.Response, error) {
	var q struct {
		Tenant       string   `json:"tenant"`
		Viewer       string   `json:"viewer"`
		Participants []string `json:"participants"`
	}
	if err := json.UnmarshalRead(r.Body, &q); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	allowed := []string{}
	for _, id := range q.Participants {
		pair := q.Viewer + " " + id
		if b.asked = append(b.asked, pair); b.friends[pair] {
			allowed = append(allowed, id)
		}
	}
	if b.silent {
		return nil, errors.New("connection refused")
	}
	body, err := json.Marshal(map[string]any{"allowed": allowed, "ttl_seconds": 60})
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(body)))}, err
}

func (b *backend) set(f func(b *backend)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

func (b *backend) questions() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked
	b.asked = nil
	return asked
}

// asking gives a gateway a backend to ask. Call it within a bubble.
func asking(t *testing.T, edit ...func(*Config)) (*serving, *backend) {
	t.Helper()
	b := &backend{friends: map[string]bool{}}
	secrets, err := authorize.ParseSecrets([]byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, append(edit, func(c *Config) {
		c.Authorize, err = authorize.New(authorize.Config{
			URL: "https://backend.example/", Secrets: func() authorize.Secrets { return secrets },
			MostKept: authorize.MostKept, Logger: slog.New(slog.DiscardHandler), Transport: b,
		})
		if err != nil {
			t.Fatal(err)
		}
	})...)
	return s, b
}

// In about there are so many answers with a state, and of those so many with a status.
const ways, waysWithStatus = 13, 7

// about is all that a viewer is answered about an id, whatever the way, with its name left out.
func (s *serving) about(t *testing.T, viewer, id string) string {
	t.Helper()
	var all strings.Builder
	for _, a := range []answer{
		s.do("GET", "/v1/presence?ids="+id, viewer, ""),
		s.do("POST", "/v1/presence/query", viewer, `{"ids":["`+id+`"]}`),
		s.do("POST", "/v1/presence/query", "robot|s", `{"ids":["`+id+`"],"viewer":"`+viewer+`"}`),
		s.do("GET", "/v1/presence?ids="+id+"&with=status,last_seen", viewer, ""),
		s.do("POST", "/v1/presence/query", viewer, `{"ids":["`+id+`"],"with":["status","last_seen"]}`),
		s.do("GET", "/v1/presence/"+id, viewer, ""),
		s.do("HEAD", "/v1/presence/"+id, viewer, ""),
	} {
		a.header.Del("Trace-Id")
		all.WriteString(a.body)
		_ = a.header.Write(&all)
	}
	for _, with := range []string{"", "&with=status"} {
		st := s.stream(t, "ids="+id+with, viewer)
		all.WriteString(st.next())
		st.close()
	}
	ws := s.dial(t, viewer)
	say(t, ws, `{"type":"hello"}`)
	await(t, ws, `"type":"self"`)
	for _, text := range []string{
		`{"type":"query","ids":["` + id + `"],"req":"q"}`,
		`{"type":"query","ids":["` + id + `"],"with":["status"],"req":"q"}`,
		`{"type":"subscribe","ids":["` + id + `"],"req":"s"}`,
		`{"type":"subscribe","ids":["` + id + `"],"with":["status"],"req":"s"}`,
		`{"type":"unsubscribe","ids":["` + id + `"],"req":"u"}`,
	} {
		say(t, ws, text)
	}
	all.WriteString(framesUntil(t, ws, `"req":"u"`))
	_ = ws.CloseNow()
	return strings.ReplaceAll(all.String(), id, "ID")
}

func (a answer) holds(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("%s: %s has no %s", a.what, a.body, text)
		}
	}
}

// framesUntil are the frames up to one that holds text.
func framesUntil(t *testing.T, ws *websocket.Conn, text string) string {
	t.Helper()
	var all strings.Builder
	for !strings.Contains(all.String(), text) {
		_, frame, err := ws.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(frame)
	}
	return all.String()
}

// TestDeniedIsAsNeverSeen: on every way, through a change of the backend's mind, the end of an
// answer's time, Forget and an outage.
func TestDeniedIsAsNeverSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		s.online("ada")
		s.do("PUT", "/v1/presence/ada/status", "ada", `{"text":"hi"}`).want(204, "")
		same := func(when, want string) {
			t.Helper()
			ada, zed := s.about(t, "ben", "ada"), s.about(t, "ben", "zed")
			if ada != zed || !strings.Contains(ada, want) {
				t.Errorf("%s: of ada\n%s\nof zed\n%s\nwant %s", when, ada, zed, want)
			}
		}
		differ := func(when string) {
			t.Helper()
			if ada := s.about(t, "ben", "ada"); strings.Count(ada, `"online"`) != ways || strings.Count(ada, `"text":"hi"`) != waysWithStatus ||
				strings.Contains(ada, "offline") {
				t.Errorf("%s: %s", when, ada)
			}
		}
		same("denied", `"last_seen":null`)
		b.set(func(b *backend) { b.friends["ben ada"] = true })
		same("denied, as was said last", `"offline"`)
		time.Sleep(time.Minute)
		s.online("ada")
		differ("the time of the answer is over")
		b.set(func(b *backend) { b.silent = true })
		time.Sleep(time.Minute)
		s.online("ada")
		same("silence", "Presence-Unknown: 1")
		if ada := s.about(t, "ben", "ada"); strings.Count(ada, `"unknown"`) != ways {
			t.Errorf("silence: %s", ada)
		}
		b.set(func(b *backend) { b.silent, b.friends = false, nil })
		time.Sleep(2 * time.Second)
		same("denied again", `"last_seen":null`)
		b.set(func(b *backend) { b.friends = map[string]bool{"ben ada": true} })
		s.do("POST", "/v1/visibility/forget", "robot|s", `{"viewers":["ben"]}`).want(204, "")
		differ("forgotten")
		b.set(func(b *backend) { b.friends = nil })
		s.do("POST", "/v1/visibility/forget", "robot|s", `{"viewers":["ben"]}`).want(204, "")
		same("forgotten again", `"last_seen":null`)
	})
}

// TestStreamsAreLookedAtAnew: live subscriptions of each kind hear what differs by an answer.
func TestStreamsAreLookedAtAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		s.online("ada")
		b.friends["ben ada"] = true
		st, ws := s.stream(t, "ids=ada,eve", "ben"), s.dial(t, "ben")
		asBen := s.stream(t, "ids=ada&viewer=ben", "robot|s")
		st.want(event(`{"ada":"online","eve":"offline"}`))
		asBen.want(event(`{"ada":"online"}`))
		say(t, ws, `{"type":"hello"}`)
		say(t, ws, `{"type":"subscribe","ids":["ada"]}`)
		await(t, ws, `"ada":"online"`)
		b.set(func(b *backend) { b.friends["ben ada"], b.friends["ben eve"] = false, true })
		s.online("eve")
		s.do("POST", "/v1/visibility/forget", "robot|s", `{"viewers":["ben"]}`).want(204, "")
		await(t, ws, `"ada":"offline"`)
		st.want(event(`{"ada":"offline","eve":"online"}`))
		asBen.want(event(`{"ada":"offline"}`))
		s.do("PUT", "/v1/presence/ada/override", "ada", `{"override":"busy"}`).want(204, "")
		s.do("PUT", "/v1/presence/eve/override", "eve", `{"override":"busy"}`).want(204, "")
		st.want(event(`{"eve":"busy"}`))
	})
}

// TestWhoIsAskedAbout: oneself, a backend that names no viewer, and what an administrator sees are
// not.
func TestWhoIsAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		s.online("ada")
		for _, token := range []string{"robot|s", "ada"} {
			s.do("GET", "/v1/presence?ids=ada", token, "").want(200, `{"ada":"online"}`)
			s.do("GET", "/v1/presence/ada", token, "").holds(`"state":"online"`)
			s.stream(t, "ids=ada", token).want(event(`{"ada":"online"}`))
			ws := s.dial(t, token)
			say(t, ws, `{"type":"hello"}`)
			say(t, ws, `{"type":"subscribe","ids":["ada"]}`)
			await(t, ws, `"states":{"ada":"online"}`)
			say(t, ws, `{"type":"query","ids":["ada"],"req":"q"}`)
			await(t, ws, `"states":{"ada":"online"}`)
		}
		s.do("GET", "/v1/presence/ada", "admin|a", "").holds(`"state":"online"`, `"override":"auto"`)
		if asked := b.questions(); asked != nil {
			t.Errorf("asked about %q", asked)
		}
		s.do("GET", "/v1/presence?ids=ada,ben", "ben", "").want(200, `{"ada":"offline","ben":"offline"}`)
		s.do("GET", "/v1/presence?ids=ada,model:x,cy", "cy", "").want(200, `{"ada":"offline","model:x":"online","cy":"offline"}`)
		if got := strings.Join(b.questions(), ", "); got != "ben ada, cy ada, cy model:x" {
			t.Errorf("asked about %s", got)
		}
	})
}

// TestReadyDespiteSilence: an operator reads of it, and clients are served as far as that goes.
func TestReadyDespiteSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		b.silent = true
		for range 5 {
			s.do("GET", "/v1/presence?ids=ada", "ben", "").want(200, `{"ada":"unknown"}`)
		}
		status, body := s.admin("/readyz")
		if status != 200 || !strings.HasPrefix(body, "ready; the authorize endpoint does not answer (authorize: connection refused)") {
			t.Errorf("%d %s", status, body)
		}
		_, metrics := s.admin("/metrics")
		for _, line := range []string{"presence_authorize_open 1", `presence_authorize_calls_total{result="failed"} 5`} {
			if !strings.Contains(metrics, line+"\n") {
				t.Errorf("no %s", line)
			}
		}
	})
}

func TestForgetRefused(t *testing.T) {
	g := newGate(t)
	const path = "/v1/visibility/forget"
	g.do("POST", path, "ben", `{"viewers":["ben"]}`).problem(wire.Forbidden, "presence:service")
	g.do("POST", path, "robot|s", `{}`).problem(wire.BadRequest, "viewers is missing")
	g.do("POST", path, "robot|s", `{"viewers":[]}`).problem(wire.BadRequest, "empty")
	g.do("POST", path, "robot|s", `{"viewers":["ben",""]}`).problem(wire.InvalidID, "viewers")
	g.do("POST", path, "robot|s", `{"viewers":["ben"],"x":1}`).problem(wire.BadRequest, "x")
	g.do("POST", path, "robot|s", `{"viewers":["a"`+strings.Repeat(`,"a"`, 10_000)+`]}`).
		problem(wire.TooManyItems, "10000")
	g.do("POST", path, "robot|s", `{"viewers":["a"`+strings.Repeat(`,"a"`, 9_999)+`]}`).want(204, "")
}
