package target

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestADocumentIsReadWholeOrNotAtAll(t *testing.T) {
	size := maxAnswer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, size))
	}))
	t.Cleanup(s.Close)
	var text string
	if err := get(t.Context(), nil, s.URL, "", &text); err != nil || len(text) != size {
		t.Errorf("%d bytes, %v; want all", len(text), err)
	}
	size++
	if err := get(t.Context(), nil, s.URL, "", &text); err == nil ||
		!strings.Contains(err.Error(), "more than 16 MiB") {
		t.Errorf("%v; want an error that names the limit", err)
	}
}
