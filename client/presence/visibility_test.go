package presence

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// TestVisibilityCalls: each call is the request of docs/api.md, and reads its answer.
func TestVisibilityCalls(t *testing.T) {
	var method, path, body string
	answer := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		method, path, body = r.Method, r.URL.EscapedPath(), string(text)
		_, _ = io.WriteString(w, answer)
	}))
	defer s.Close()
	a := API{Server: s.URL, Token: "t", HTTP: s.Client()}
	yes, no := true, false
	end := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		answer string
		call   func() error
		want   string
	}{
		{"", func() error { return a.Block(t.Context(), "me", "a/b") }, "PUT /v1/participants/me/blocks/a%2Fb "},
		{"", func() error { return a.Unblock(t.Context(), "ada", "ben") }, "DELETE /v1/participants/ada/blocks/ben "},
		{
			`{"blocks":["ben","cleo"]}`, func() error {
				got, err := a.Blocks(t.Context(), "me")
				if !slices.Equal(got, []string{"ben", "cleo"}) {
					t.Errorf("blocks are %q", got)
				}
				return err
			},
			"GET /v1/participants/me/blocks ",
		},
		{
			`{"default":"allowed","last_seen":"coarse"}`, func() error {
				got, err := a.Visibility(t.Context(), "me")
				if want := (Visibility{Allowed, Coarse}); got != want {
					t.Errorf("visibility is %+v", got)
				}
				return err
			},
			"GET /v1/participants/me/visibility ",
		},
		{
			"", func() error { return a.SetVisibility(t.Context(), "me", Visibility{LastSeen: Hidden}) },
			`PUT /v1/participants/me/visibility {"last_seen":"hidden"}`,
		},
		{
			"", func() error { return a.ResetVisibility(t.Context(), "me") },
			`PUT /v1/participants/me/visibility {"default":null,"last_seen":null}`,
		},
		{
			`{"accepted":3,"rejected":[{"index":1,"code":"too_many_edges","message":"m"}]}`, func() error {
				rejected := a.SetEdges(t.Context(), []Edge{
					{Participant: "a", Viewer: "b", Allow: &yes, Until: end},
					{Participant: "a", Viewer: "c", Allow: &no, For: 60},
					{Participant: "a", Viewer: "d"},
				})
				if len(rejected) != 1 || rejected[0].Index != 1 {
					t.Errorf("rejected are %+v", rejected)
				}
				return nil
			},
			`POST /v1/visibility {"edges":[` +
				`{"participant_id":"a","viewer":"b","allow":true,"expires_at":"2026-12-24T00:00:00Z"},` +
				`{"participant_id":"a","viewer":"c","allow":false,"expires_in":60},` +
				`{"participant_id":"a","viewer":"d","allow":null}]}`,
		},
	} {
		answer = tt.answer
		if err := tt.call(); err != nil || method+" "+path+" "+body != tt.want {
			t.Errorf("%s %s %s, %v; want %s", method, path, body, err, tt.want)
		}
	}
}
