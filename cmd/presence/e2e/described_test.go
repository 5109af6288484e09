package e2e

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// description is what the servers say of themselves, read once from the first
// that is asked. All of them run the same binary.
var description struct {
	once   sync.Once
	router routers.Router
	err    error
}

func describe(s *server) (routers.Router, error) {
	d := &description
	d.once.Do(func() {
		var raw []byte
		var doc *openapi3.T
		if raw, d.err = s.fetchDescription(); d.err != nil {
			return
		}
		if doc, d.err = openapi3.NewLoader().LoadFromData(raw); d.err != nil {
			return
		}
		doc.Servers = nil
		d.router, d.err = gorillamux.NewRouter(doc)
	})
	return d.router, d.err
}

func (s *server) fetchDescription() ([]byte, error) {
	req, err := http.NewRequest("GET", s.url+"/v1/openapi.yaml", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+service)
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// described checks that a response is one that the server's own OpenAPI file
// knows for this call, in status, content type and schema. Calls and methods
// that it doesn't know are for the tests of 404 and 405.
func (c caller) described(t testing.TB, req *http.Request, r reply) {
	t.Helper()
	router, err := describe(c.s)
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		return
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 r.status, Header: r.header,
		Body:    io.NopCloser(bytes.NewReader([]byte(r.body))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s: %d isn't as openapi.yaml says: %.600v", r.what, r.status, err)
	}
}
