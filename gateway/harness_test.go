package gateway

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/docs"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// badCluster is a node that fails as it is told; without failure it is the real one.
type badCluster struct {
	*cluster.Node
	mu      sync.Mutex
	fail    error
	visible visible
	said    said
}

func (b *badCluster) failWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

func (b *badCluster) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fail
}

func (b *badCluster) States(ctx context.Context, viewer string, ids []string, states []shard.State) int {
	if b.failure() != nil {
		clear(states)
		return len(states)
	}
	return b.Node.States(ctx, viewer, ids, states)
}

func (b *badCluster) Inspect(ctx context.Context, viewer, id string, devices bool) (cluster.Record, error) {
	if err := b.failure(); err != nil {
		return cluster.Record{}, err
	}
	return b.Node.Inspect(ctx, viewer, id, devices)
}

func (b *badCluster) Account(ctx context.Context, id string) (cluster.Account, error) {
	if err := b.failure(); err != nil {
		return cluster.Account{}, err
	}
	return b.Node.Account(ctx, id)
}

func (b *badCluster) Erase(ctx context.Context, id string) error {
	if err := b.failure(); err != nil {
		return err
	}
	return b.Node.Erase(ctx, id)
}

func (b *badCluster) Heartbeats(ctx context.Context, beats []cluster.Heartbeat, errs []error) {
	b.Node.Heartbeats(ctx, beats, errs)
	if err := b.failure(); err != nil && len(errs) > 0 {
		errs[len(errs)-1] = err
	}
}

func (b *badCluster) Watch(ctx context.Context, questions []cluster.Question, sights []cluster.Sight) int {
	if b.failure() != nil {
		clear(sights)
		return len(sights)
	}
	return b.Node.Watch(ctx, questions, sights)
}

// scopes is an Authenticator whose tokens are `participant`, or `participant|scope…` with s for
// service, a for admin and t for tenants. A tenant and a space may be in front.
type scopes struct{ expires time.Time }

func (a scopes) Authenticate(_ context.Context, token string) (auth.Identity, error) {
	name, sc, _ := strings.Cut(token, "|")
	if name == "bad" {
		return auth.Identity{}, wire.Errorf(wire.Unauthorized, "the token is bad")
	}
	in, id, found := strings.Cut(name, " ")
	if !found {
		in, id = "", name
	}
	return auth.Identity{
		Participant: tenant.Name(in).Participant(id), Service: strings.Contains(sc, "s"),
		Admin: strings.Contains(sc, "a"), Tenants: strings.Contains(sc, "t"), Expires: a.expires,
	}, nil
}

// gate is a gateway with one node behind it.
type gate struct {
	t    testing.TB
	s    *Server
	node *badCluster
	spec *openapi3.T
}

func newGate(t testing.TB, edit ...func(*Config)) *gate {
	t.Helper()
	settings := cluster.DefaultSettings()
	node, err := cluster.New(cluster.Config{NodeID: "node-1", Partitions: 16, Settings: settings, Version: "v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	bad := &badCluster{Node: node}
	c := Config{Cluster: bad, Auth: scopes{}, Limits: DefaultLimits(), OpenAPI: docs.OpenAPI}
	for _, e := range edit {
		e(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	node.SetSink(s)
	node.SetGateway(s)
	node.Start()
	t.Cleanup(func() {
		s.Close()
		_ = node.Close()
	})
	return &gate{t: t, s: s, node: bad, spec: contract()}
}

var contract = sync.OnceValue(func() *openapi3.T {
	spec, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		panic(err)
	}
	return spec
})

// answer is a response that has been held against the OpenAPI file.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

// do sends a request; header is name, value, name, value.
func (g *gate) do(method, target, token, body string, header ...string) answer {
	g.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	g.s.Handler().ServeHTTP(w, r)
	a := answer{
		t: g.t, what: method + " " + target[:min(len(target), 100)], status: w.Code, header: w.Header(),
		body: w.Body.String(),
	}
	g.check(r, a)
	return a
}

// check holds a response against the OpenAPI file, where that knows the call.
func (g *gate) check(r *http.Request, a answer) {
	g.t.Helper()
	method := r.Method
	if method == http.MethodHead {
		return
	}
	route, _, err := g.s.find(method, r.URL.EscapedPath())
	if err != nil {
		return
	}
	item := g.spec.Paths.Value(route.path)
	if item == nil {
		return // the demo
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route: &routers.Route{
				Spec: g.spec, Path: route.path, PathItem: item, Method: method,
				Operation: item.GetOperation(method),
			},
		},
		Status: a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes([]byte(a.body))
	if err := openapi3filter.ValidateResponse(g.t.Context(), in); err != nil {
		g.t.Errorf("%s: %d %.300s\nis not what the OpenAPI file says: %v", a.what, a.status, a.body, err)
	}
}

// want fails unless the answer has this status and JSON body; an empty body stands for any.
func (a answer) want(status int, body string) answer {
	a.t.Helper()
	if a.status != status || body != "" && strings.TrimSpace(a.body) != body {
		a.t.Errorf("%s: %d %.300s\nwant %d %s", a.what, a.status, a.body, status, body)
	}
	return a
}

// problem fails unless the answer is a problem with this code and, somewhere in its detail, this
// text.
func (a answer) problem(code wire.Code, detail string) answer {
	a.t.Helper()
	var p struct {
		Type, Title, Code, Detail string
		Status                    int
	}
	if err := json.Unmarshal([]byte(a.body), &p, json.MatchCaseInsensitiveNames(true)); err != nil {
		a.t.Errorf("%s: %d %.300s is no problem: %v", a.what, a.status, a.body, err)
		return a
	}
	if a.status != wire.Codes[code] || p.Status != a.status || p.Code != string(code) ||
		!strings.Contains(p.Detail, detail) {
		a.t.Errorf("%s: %d %.400s\nwant %s with %q", a.what, a.status, a.body, code, detail)
	}
	if got := a.header.Get("Content-Type"); got != wire.ProblemType {
		a.t.Errorf("%s: Content-Type %q", a.what, got)
	}
	return a
}

// online makes a participant online with a device.
func (g *gate) online(ids ...string) {
	g.t.Helper()
	var b bytes.Buffer
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"participant_id":` + string(wire.AppendString(nil, id)) +
			`,"device_id":"phone","activity":"online"}`)
	}
	g.do("POST", "/v1/heartbeats", "backend|s", `{"heartbeats":[`+b.String()+`]}`).want(200, "")
}
