package authorize

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestURLs(t *testing.T) {
	for address, good := range map[string]bool{
		"https://backend.example/may-see": true, "http://127.0.0.1:9/x": true, "http://[::1]/": true,
		"http://localhost:8000": true, "http://backend.example/": false, "ftp://127.0.0.1/": false,
		"backend.example": false, "https://": false, "": false, "http://127.0.0.1.evil.example/": false,
		"https://user:hidden@%zz": false, "http://user:hidden@backend.example/": false,
	} {
		err := CheckURL(address)
		if (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("a password is told: %v", err)
		}
	}
}

func TestSecrets(t *testing.T) {
	for text, good := range map[string]bool{
		secretA: true, secretA + "\r\n\r\n" + secretB + "\r\n": true, "": false, "\n \n": false,
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": false, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa": false,
		"whsec_hidden!": false, secretA + "\nwhsec_c2hvcnQ=": false,
		strings.Repeat(secretA+"\n", maxSecrets): true, strings.Repeat(secretA+"\n", maxSecrets+1): false,
	} {
		_, err := ParseSecrets([]byte(text))
		if (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "MfKQ")) {
			t.Errorf("a secret is told: %v", err)
		}
	}
}

// TestSignature holds a signature against one that other implementations have for the same message.
func TestSignature(t *testing.T) {
	s, err := ParseSecrets([]byte(secretA))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
}

// TestRedirectsAreNotFollowed, over real connections, of which one is kept for the next call.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere, opened atomic.Int64
	mux := http.NewServeMux()
	mux.Handle("/may-see", http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = w.Write([]byte(`{"allowed":["ada"],"ttl_seconds":9}`))
	})
	server := httptest.NewUnstartedServer(mux)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, server.URL+"/may-see")
	want(t, ask(t, c, "ben", "ada"), "unknown")
	want(t, ask(t, c, "ben", "ada"), "unknown")
	if elsewhere.Load() != 0 || opened.Load() != 1 || c.Stats().Failed != 2 {
		t.Errorf("%d followed, %d connections, %+v", elsewhere.Load(), opened.Load(), c.Stats())
	}
	c = newClient(t, server.URL+"/elsewhere")
	want(t, ask(t, c, "ben", "ada"), "allowed")
}
