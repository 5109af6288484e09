package admit

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func trusted(t *testing.T, texts ...string) Trusted {
	t.Helper()
	all, err := ParseTrusted(texts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestParseTrusted(t *testing.T) {
	all := trusted(t, "10.1.2.3/8", "192.0.2.7", "2001:db8::/32", "::ffff:198.51.100.0/120")
	for text, want := range map[string]bool{
		"10.255.0.1": true, "11.0.0.1": false, "192.0.2.7": true, "192.0.2.8": false,
		"2001:db8:1::1": true, "2001:db9::1": false, "198.51.100.9": true, "198.51.101.9": false,
	} {
		if got := all.Contains(addr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, bad := range []string{"", "office", "10.0.0.0/33", "10.0.0.0/8,", "*"} {
		if _, err := ParseTrusted([]string{bad}); err == nil || !strings.Contains(err.Error(), "10.0.0.0/8") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestClient(t *testing.T) {
	proxies := trusted(t, "10.0.0.0/24", "2001:db8:ffff::/48")
	for _, tt := range []struct {
		name, peer string
		header     http.Header
		want       string
	}{
		{"a stranger's claim", "203.0.113.1", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, "203.0.113.1"},
		{"no header", "10.0.0.1", nil, "10.0.0.1"},
		{"one proxy", "10.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.7"}}, "203.0.113.7"},
		{"a claim to the left", "10.0.0.1", http.Header{"X-Forwarded-For": {"10.0.0.9, 203.0.113.7"}}, "203.0.113.7"},
		{"two proxies", "10.0.0.1", http.Header{"X-Forwarded-For": {"1.1.1.1, 203.0.113.7,10.0.0.2"}}, "203.0.113.7"},
		{"two lines", "10.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.7", "10.0.0.2"}}, "203.0.113.7"},
		{
			"a claim in a line of its own", "10.0.0.1",
			http.Header{"X-Forwarded-For": {"1.1.1.1", "203.0.113.7"}},
			"203.0.113.7",
		},
		{"proxies alone", "10.0.0.1", http.Header{"X-Forwarded-For": {"10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
		{"no address", "10.0.0.1", http.Header{"X-Forwarded-For": {"unknown"}}, "10.0.0.1"},
		{
			"no address behind a proxy", "10.0.0.1",
			http.Header{"X-Forwarded-For": {"203.0.113.7, evil, 10.0.0.2"}},
			"10.0.0.2",
		},
		{"a port", "10.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.7:4711"}}, "203.0.113.7"},
		{"IPv6", "2001:db8:ffff::1", http.Header{"X-Forwarded-For": {"2001:db8::7"}}, "2001:db8::7"},
		{"IPv6 and a port", "10.0.0.1", http.Header{"X-Forwarded-For": {"[2001:db8::7]:4711"}}, "2001:db8::7"},
		{"mapped", "10.0.0.1", http.Header{"X-Forwarded-For": {"::ffff:203.0.113.7"}}, "203.0.113.7"},
		{
			"Forwarded", "10.0.0.1",
			http.Header{"Forwarded": {`for=198.51.100.1, for="[2001:db8::7]:4711";proto=https;by=10.0.0.2`}},
			"2001:db8::7",
		},
		{"Forwarded in capitals", "10.0.0.1", http.Header{"Forwarded": {`proto=http; For=203.0.113.7`}}, "203.0.113.7"},
		{
			"Forwarded by a secret name", "10.0.0.1",
			http.Header{"Forwarded": {"for=203.0.113.7, for=_hidden"}},
			"10.0.0.1",
		},
		{
			"both", "10.0.0.1",
			http.Header{"X-Forwarded-For": {"203.0.113.7"}, "Forwarded": {"for=1.1.1.1"}},
			"203.0.113.7",
		},
	} {
		if got := proxies.Client(addr(tt.peer), tt.header); got != addr(tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

// Whatever a client sends through a proxy that appends its address, it is that address.
func FuzzClient(f *testing.F) {
	f.Add("10.0.0.1, 1.2.3.4", `for="`)
	f.Add("[::1", ",,;")
	proxies := Trusted{netip.MustParsePrefix("10.0.0.0/24")}
	f.Fuzz(func(t *testing.T, forwardedFor, forwarded string) {
		h := http.Header{"X-Forwarded-For": {forwardedFor, "203.0.113.7"}, "Forwarded": {forwarded}}
		if got := proxies.Client(addr("10.0.0.1"), h); got != addr("203.0.113.7") {
			t.Errorf("%v", got)
		}
		h = http.Header{"Forwarded": {forwarded + ", for=203.0.113.7"}}
		if got := proxies.Client(addr("10.0.0.1"), h); got != addr("203.0.113.7") {
			t.Errorf("Forwarded: %v", got)
		}
	})
}

func TestPlaces(t *testing.T) {
	p := NewPlaces(2, 100, trusted(t, "10.0.0.0/24"))
	take := func(text string, want bool) {
		t.Helper()
		if got := p.Take(addr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	take("203.0.113.1", true)
	take("203.0.113.1", true)
	take("203.0.113.1", false)
	take("203.0.113.2", true)
	take("2001:db8:0:1::1", true)
	take("2001:db8:0:1::2", true)
	take("2001:db8:0:1:ffff::3", false)
	take("2001:db8:0:2::1", true)
	take("127.0.0.1", true)
	take("127.0.0.1", true)
	take("127.0.0.1", false)
	for range 3 {
		take("10.0.0.1", true)
	}
	p.Give(addr("203.0.113.1"))
	take("203.0.113.1", true)
	if n := p.Addresses(); n != 5 {
		t.Errorf("%d addresses", n)
	}
}

// Without a number the limit is for the internet: a private address may be a proxy that nobody has
// named.
func TestPlacesByDefault(t *testing.T) {
	p := NewPlaces(0, 16, nil)
	for _, near := range []string{"127.0.0.1", "10.0.0.1", "192.168.1.1", "fd00::1", "100.64.0.1", "::1", "fe80::1"} {
		for range 3 {
			if !p.Take(addr(near)) {
				t.Errorf("%s is limited", near)
			}
		}
	}
	far := addr("203.0.113.1")
	if one, two, three := p.Take(far), p.Take(far), p.Take(far); !one || !two || three {
		t.Error("not an eighth")
	}
	p.Give(far)
	p.Give(far)
	if p.Addresses() != 0 {
		t.Errorf("%d addresses kept", p.Addresses())
	}
}
