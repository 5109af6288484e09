package docs_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/docs"
	"github.com/scaiwave/presence/gateway/wire"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Validate also holds every example against its schema.
func TestOpenAPIIsValid(t *testing.T) {
	if err := contract(t).Validate(t.Context(), openapi3.EnableMultiError()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAPIHasEveryErrorCode(t *testing.T) {
	doc := contract(t)
	var got []string
	for _, v := range doc.Components.Schemas["ErrorCode"].Value.Enum {
		got = append(got, v.(string))
	}
	slices.Sort(got)
	if diff := cmp.Diff(errorCodes(), got); diff != "" {
		t.Errorf("ErrorCode differs from gateway/wire (-want +got):\n%s", diff)
	}
	statuses := map[int]bool{}
	for _, v := range doc.Components.Schemas["Problem"].Value.Properties["status"].Value.Enum {
		statuses[int(v.(float64))] = true
	}
	for code, status := range wire.Codes {
		if !statuses[status] {
			t.Errorf("%s: Problem.status lacks %d", code, status)
		}
	}
}

func errorCodes() []string {
	var codes []string
	for c := range wire.Codes {
		codes = append(codes, string(c))
	}
	slices.Sort(codes)
	return codes
}

// Every refusal is a problem, whose example carries the status it stands under; a status that asks
// for a header has it.
func TestOpenAPIErrorsAreProblems(t *testing.T) {
	headers := map[string]string{"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}
	for path, item := range contract(t).Paths.Map() {
		for method, op := range item.Operations() {
			for status, r := range op.Responses.Map() {
				if status < "400" {
					continue
				}
				problem := r.Value.Content.Get(wire.ProblemType)
				if problem == nil || problem.Schema.Ref != "#/components/schemas/Problem" {
					t.Errorf("%s %s %s: not a Problem", method, path, status)
					continue
				}
				checkProblemExamples(t, method+" "+path, status, problem.Examples)
				if h, ok := headers[status]; ok && r.Value.Headers[h] == nil {
					t.Errorf("%s %s %s: header %s is missing", method, path, status, h)
				}
			}
		}
	}
}

func checkProblemExamples(t *testing.T, operation, status string, examples openapi3.Examples) {
	t.Helper()
	if len(examples) == 0 {
		t.Errorf("%s %s: no example", operation, status)
	}
	for name, e := range examples {
		m := e.Value.Value.(map[string]any)
		want := wire.Codes[wire.Code(m["code"].(string))]
		got := int(m["status"].(float64))
		if got != want || strconv.Itoa(got) != status || m["title"] != http.StatusText(got) {
			t.Errorf("%s %s: example %s has status %d, title %v, code %v", operation, status, name, got, m["title"],
				m["code"])
		}
	}
}

// What the gateway's tests do with every real response, shown on some good and bad ones.
func TestOpenAPIJudgesResponses(t *testing.T) {
	const problem = `{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_id","detail":"d"}`
	tests := []struct {
		name, method, path string
		status             int
		mediaType, body    string
		header             [2]string
		good               bool
	}{
		{name: "states", path: "/v1/presence?ids=a,b", status: 200, body: `{"a":"online","b":"offline"}`, good: true},
		{name: "unknown state", path: "/v1/presence?ids=a", status: 200, body: `{"a":"away"}`},
		{
			name: "count of unknown", path: "/v1/presence?ids=a", status: 200, body: `{"a":"unknown"}`,
			header: [2]string{"Presence-Unknown", "1"}, good: true,
		},
		{
			name: "count of none", path: "/v1/presence?ids=a", status: 200, body: `{"a":"online"}`,
			header: [2]string{"Presence-Unknown", "0"},
		},
		{
			name: "states with more", path: "/v1/presence?ids=a&with=status,last_seen", status: 200,
			body: `{"states":{"a":"online"},"statuses":{"a":{"text":"t","emoji":"","expires_at":null}},"last_seen":{"a":null}}`,
			good: true,
		},
		{name: "states and a status that is null", path: "/v1/presence?ids=a&with=status", status: 200, body: `{"states":{},"statuses":{"a":null}}`},
		{name: "id with a comma", path: "/v1/presence?ids=a", status: 200, body: `{"a,b":"online"}`},
		{
			name: "record of another", path: "/v1/presence/a", status: 200,
			body: `{"participant_id":"a","state":"idle","last_seen":null,"status":null}`, good: true,
		},
		{
			name: "record of oneself", path: "/v1/presence/me", status: 200,
			body: `{"participant_id":"a","state":"appear_offline","last_seen":"2026-11-23T10:00:00.5Z","status":null,"override":"appear_offline","override_expires_at":null,"busy":[],"devices":[]}`, good: true,
		},
		{
			name: "the other half", path: "/v1/presence/me", status: 200,
			body: `{"participant_id":"a","state":"busy","last_seen":null,"status":null,"devices":[]}`,
		},
		{
			name: "half a record of oneself", path: "/v1/presence/me", status: 200,
			body: `{"participant_id":"a","state":"busy","last_seen":null,"status":null,"override":"busy"}`,
		},
		{
			name: "last_seen is no time", path: "/v1/presence/a", status: 200,
			body: `{"participant_id":"a","state":"idle","last_seen":"today","status":null}`,
		},
		{name: "no content", method: "DELETE", path: "/v1/presence/me/override", status: 204, good: true},
		{
			name: "batch", method: "POST", path: "/v1/heartbeats", status: 200,
			body: `{"accepted":1,"rejected":[{"index":0,"code":"invalid_id","message":"m"}]}`, good: true,
		},
		{
			name: "code that isn't", method: "POST", path: "/v1/heartbeats", status: 200,
			body: `{"accepted":1,"rejected":[{"index":0,"code":"oops","message":"m"}]}`,
		},
		{
			name: "cluster", path: "/v1/cluster", status: 200,
			body: `{"members":[{"id":"n","role":"all","state":"serving","partitions":8,"self":true,"out":false,"answered":false}],"pairs":[],"partitions":8,"fingerprint":"00","moving":0,"owners":[0,0,0,0,0,0,0,0]}`, good: true,
		},
		{name: "features", path: "/v1/features", status: 200, body: `{"features":["status"]}`, good: true},
		{name: "no features", path: "/v1/features", status: 200, body: `{"features":[]}`, good: true},
		{name: "features that are null", path: "/v1/features", status: 200, body: `{"features":null}`},
		{
			name: "problem", path: "/v1/presence?ids=", status: 400, mediaType: wire.ProblemType, body: problem,
			good: true,
		},
		{name: "problem as plain JSON", path: "/v1/presence?ids=", status: 400, body: problem},
		{
			name: "rate limited, but until when", path: "/v1/presence/a", status: 429, mediaType: wire.ProblemType,
			body: problem,
		},
		{name: "status that isn't there", path: "/v1/presence/a", status: 500},
		{
			name: "stream", path: "/v1/events?ids=a", status: 200, mediaType: "text/event-stream",
			body: "event: presence\n", good: true,
		},
		{
			name: "contract", path: "/v1/openapi.yaml", status: 200, mediaType: "application/yaml",
			body: string(docs.OpenAPI), good: true,
		},
	}
	router, err := gorillamux.NewRouter(contract(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(orElse(tt.method, "GET"), "http://127.0.0.1:8080"+tt.path, nil)
			route, params, err := router.FindRoute(r)
			if err != nil {
				t.Fatal(err)
			}
			in := &openapi3filter.ResponseValidationInput{
				RequestValidationInput: &openapi3filter.RequestValidationInput{
					Request: r, Route: route,
					PathParams: params,
				},
				Status:  tt.status,
				Header:  http.Header{"Content-Type": {orElse(tt.mediaType, "application/json")}},
				Options: &openapi3filter.Options{IncludeResponseStatus: true},
			}
			if tt.header[0] != "" {
				in.Header.Set(tt.header[0], tt.header[1])
			}
			in.SetBodyBytes([]byte(tt.body))
			if err := openapi3filter.ValidateResponse(t.Context(), in); (err == nil) != tt.good {
				t.Errorf("good = %v, but: %v", tt.good, err)
			}
		})
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// The same rules as shard.ValidateParticipant, as far as a pattern for every language can say them:
// it counts characters, not bytes, and Go's \s has no whitespace beyond ASCII.
func TestOpenAPIKnowsIDs(t *testing.T) {
	schema := contract(t).Components.Schemas["ParticipantId"].Value
	good := []string{"a", "model:x", "Ünï-çødé", "a/b?c", "👩🏽‍🚀", string(bytes.Repeat([]byte("x"), 128))}
	bad := []string{"", "a b", "a,b", "a\x00", "a\u0085", "a\x7f", "\t", string(bytes.Repeat([]byte("x"), 129))}
	for want, ids := range map[bool][]string{true: good, false: bad} {
		for _, id := range ids {
			if err := schema.VisitJSON(id, openapi3.EnableJSONSchema2020()); (err == nil) != want {
				t.Errorf("%q: good = %v, but: %v", id, want, err)
			}
		}
	}
}

func TestOpenAPIHasEveryCall(t *testing.T) {
	var got []string
	for path, item := range contract(t).Paths.Map() {
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			got = append(got, method+" "+path)
		}
	}
	slices.Sort(got)
	want := []string{
		"DELETE /v1/participants/{participant}",
		"DELETE /v1/participants/{participant}/blocks/{viewer}",
		"DELETE /v1/presence/{participant}/busy/{source}",
		"DELETE /v1/presence/{participant}/devices/{device}",
		"DELETE /v1/presence/{participant}/override",
		"DELETE /v1/presence/{participant}/status",
		"GET /v1/cluster",
		"GET /v1/events",
		"GET /v1/features",
		"GET /v1/openapi.yaml",
		"GET /v1/participants/{participant}/blocks",
		"GET /v1/participants/{participant}/export",
		"GET /v1/participants/{participant}/visibility",
		"GET /v1/participants/{participant}/why",
		"GET /v1/presence",
		"GET /v1/presence/{participant}",
		"GET /v1/ws",
		"POST /v1/direct-messages",
		"POST /v1/heartbeats",
		"POST /v1/presence/query",
		"POST /v1/visibility",
		"POST /v1/visibility/forget",
		"PUT /v1/participants/{participant}",
		"PUT /v1/participants/{participant}/blocks/{viewer}",
		"PUT /v1/participants/{participant}/visibility",
		"PUT /v1/presence/{participant}/busy/{source}",
		"PUT /v1/presence/{participant}/devices/{device}",
		"PUT /v1/presence/{participant}/override",
		"PUT /v1/presence/{participant}/status",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
