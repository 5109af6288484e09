package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestBearer(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		token string
		word  string // in the refusal; empty: none
	}{
		"no header":          {},
		"plain":              {lines: []string{"Bearer abc.def"}, token: "abc.def"},
		"scheme in any case": {lines: []string{"bEARER abc"}, token: "abc"},
		"several spaces":     {lines: []string{"Bearer   abc"}, token: "abc"},
		"space around":       {lines: []string{" Bearer abc\t"}, token: "abc"},
		"not ASCII":          {lines: []string{"Bearer zoë"}, token: "zoë"},
		"padding":            {lines: []string{"Bearer abc=="}, token: "abc=="},
		"empty header":       {lines: []string{""}, word: "another scheme"},
		"scheme alone":       {lines: []string{"Bearer"}, word: "no token"},
		"scheme and space":   {lines: []string{"Bearer "}, word: "no token"},
		"token alone":        {lines: []string{"abc"}, word: "another scheme"},
		"tab for space":      {lines: []string{"Bearer\tabc"}, word: "another scheme"},
		"no space":           {lines: []string{"Bearerabc"}, word: "another scheme"},
		"Basic":              {lines: []string{"Basic abc"}, word: "another scheme"},
		"two headers":        {lines: []string{"Bearer a", "Bearer b"}, word: "2 Authorization headers"},
		"the same twice":     {lines: []string{"Bearer a", "Bearer a"}, word: "2 Authorization headers"},
		"joined by a proxy":  {lines: []string{"Bearer a, Bearer b"}, word: "more than one token"},
		"joined closely":     {lines: []string{"Bearer a,b"}, word: "more than one token"},
		"two words":          {lines: []string{"Bearer a b"}, token: "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			token, ok, err := Bearer(requestWith(c.lines))
			if c.word != "" {
				wantRefused(t, err, ErrUnauthorized, c.word)
			} else if err != nil {
				t.Fatal(err)
			}
			if token != c.token || ok != (c.token != "") {
				t.Errorf("Bearer = %q, %v; want %q", token, ok, c.token)
			}
		})
	}
}

func requestWith(lines []string) *http.Request {
	r := &http.Request{Header: http.Header{}}
	if lines != nil {
		r.Header["Authorization"] = lines
	}
	return r
}

func FuzzBearer(f *testing.F) {
	for _, line := range []string{"Bearer abc", "bearer  x", "Basic a", "Bearer a, b", "\t", "Bearer \x00"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		token, ok, err := Bearer(requestWith([]string{line}))
		if ok == (err != nil) || ok != (token != "") {
			t.Fatalf("Bearer(%q) = %q, %v, %v", line, token, ok, err)
		}
		if err != nil {
			wantRefused(t, err, ErrUnauthorized, "Bearer <token>")
		}
		if strings.ContainsAny(token, "\t,") || !strings.HasSuffix(strings.TrimRight(line, " \t"), token) {
			t.Fatalf("Bearer(%q) = %q", line, token)
		}
	})
}
