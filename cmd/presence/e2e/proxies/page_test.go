package proxies

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")

// block is the i-th code block of the page in that language.
func block(t *testing.T, language string, i int) string {
	t.Helper()
	page, err := os.ReadFile("../../../../docs/proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		if m[1] != language {
			continue
		}
		if i--; i < 0 {
			return m[2]
		}
	}
	t.Fatalf("docs/proxies.md has no block %d in %s", i, language)
	return ""
}

// moved is a configuration with the addresses, ports and files of this test instead of the page's.
// Each is written in one way there, and missing it is a failure: then another port would be used.
func moved(t *testing.T, text string, dir, port string, p ports) string {
	t.Helper()
	spare := freePorts(t, 2)
	cert, key := certificate(t)
	for name, content := range map[string][]byte{"crt": cert, "key": key, "pem": slices.Concat(cert, key)} {
		if err := os.WriteFile(filepath.Join(dir, "presence."+name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text = strings.NewReplacer(
		"10.0.0.1:8080", hosts[0]+":"+p.public, "10.0.0.2:8080", hosts[1]+":"+p.public,
		"port 8081", "port "+p.admin, "health_port 8081", "health_port "+p.admin,
		"listen 443", "listen 127.0.0.1:"+port, "bind :443", "bind 127.0.0.1:"+port,
		"https_port 443", "https_port "+port+"\n    default_bind 127.0.0.1", "http_port 80", "http_port "+spare[0],
		"127.0.0.1:2019", "127.0.0.1:"+spare[1],
		"/etc/ssl/", dir+"/", "/etc/haproxy/", dir+"/", "/run/", dir+"/", "/var/log/nginx/", dir+"/",
	).Replace(text)
	if left := ours.FindString(text); left != "" {
		t.Fatalf("%q is left of the page's addresses:\n%s", left, text)
	}
	return text
}

// ours are addresses and ports as the page has them.
var ours = regexp.MustCompile(`\b(10\.0\.0\.\d+|80|443|2019|8080|8081)\b`)

// instead replaces a piece of a configuration, which must be there.
func instead(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q isn't there:\n%s", old, text)
	}
	return strings.Replace(text, old, with, 1)
}
