package issuers

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/bench/target"
)

// resource is the audience that oidc-provider gives its tokens.
const resource = "https://presence.example"

// issuer is an identity provider, and how to get tokens of it.
type issuer struct {
	name    string
	command func(address string) []string
	machine string // a backend's client; all have the same secret
	secret  string
	flags   []string // of a node that takes its tokens
	person  string   // the claim of a sign-in's answer that is the token
	service string   // the scope to ask for as a backend

	address string
	run     *process
	about   struct {
		Issuer    string `json:"issuer"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
		Keys      string `json:"jwks_uri"`
	}
}

// start runs the issuer, again at the same address. Its key is another one each time.
func (i *issuer) start(t *testing.T) {
	t.Helper()
	if i.address == "" {
		free, err := target.Ports(1)
		if err != nil {
			t.Fatal(err)
		}
		i.address = free[0]
	}
	discovery := "http://" + i.address + "/.well-known/openid-configuration"
	i.run = begin(t, discovery, i.command(i.address)...)
	read(t, must(client.Get(discovery))(t), &i.about)
}

// rotate replaces the key without a word.
func (i *issuer) rotate(t *testing.T) {
	t.Helper()
	i.run.end()
	i.start(t)
}

// keyServer passes the issuer's keys on, unless it is down.
type keyServer struct {
	*httptest.Server
	down atomic.Bool
}

func (i *issuer) keyServer(t *testing.T) *keyServer {
	t.Helper()
	k := &keyServer{}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if k.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		res, err := client.Get(i.about.Keys)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(k.Close)
	return k
}

// backend is a token by client credentials.
func (i *issuer) backend(t *testing.T) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {i.service}, "resource": {resource}}
	return i.exchange(t, i.machine, i.secret, form)["access_token"].(string)
}

func (i *issuer) exchange(t *testing.T, id, secret string, form url.Values) map[string]any {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, i.about.Token, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	var answer map[string]any
	read(t, must(client.Do(r))(t), &answer)
	return answer
}

// signIn is a person's token, by the authorization code, and the issuer's own form.
func (i *issuer) signIn(t *testing.T, user, password string) string {
	t.Helper()
	callback := "http://" + i.address + "/callback"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: client.Transport, Timeout: patience}
	browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	ask := url.Values{
		"client_id": {"web"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
		"redirect_uri": {callback}, "resource": {resource},
	}
	res := must(browser.Get(i.about.Authorize + "?" + ask.Encode()))(t)
	for range 4 {
		if at, _ := res.Location(); at != nil {
			_ = res.Body.Close()
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {at.Query().Get("code")},
				"redirect_uri": {callback}, "resource": {resource},
			}
			return i.exchange(t, "web", "secret", form)[i.person].(string)
		}
		res = i.submit(t, browser, res, url.Values{"login": {user}, "username": {user}, "password": {password}})
	}
	t.Fatal("the sign-in has no end")
	return ""
}

var (
	action = regexp.MustCompile(`action="([^"]+)"`)
	hidden = regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// submit fills in the form of a page.
func (i *issuer) submit(t *testing.T, browser *http.Client, page *http.Response, fields url.Values) *http.Response {
	t.Helper()
	text := body(t, page)
	for _, m := range hidden.FindAllStringSubmatch(text, -1) {
		fields.Set(m[1], m[2])
	}
	to := action.FindStringSubmatch(text)
	if to == nil {
		t.Fatalf("no form: %s\n%.2000s", page.Status, text)
	}
	return must(browser.PostForm(must(page.Request.URL.Parse(to[1]))(t).String(), fields))(t)
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	return string(must(io.ReadAll(res.Body))(t))
}

func read(t *testing.T, res *http.Response, into any) {
	t.Helper()
	text := body(t, res)
	if err := json.Unmarshal([]byte(text), into); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %.1000s", res.Request.URL, res.Status, err, text)
	}
}

// must gives what a call returned, or ends the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
