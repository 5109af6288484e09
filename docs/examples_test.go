package docs_test

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(filepath.Dir(built))
	}
	os.Exit(code)
}

var (
	buildOnce sync.Once
	built     string
	errBuild  error
)

// command is the path of the real command, built once; presence-bench is beside it.
func command(t *testing.T) string {
	t.Helper()
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "presence-docs")
		if err != nil {
			errBuild = err
			return
		}
		built = filepath.Join(dir, "presence")
		if out, err := exec.Command("go", "build", "-o", dir, "../cmd/presence",
			"../cmd/presence-bench").CombinedOutput(); err != nil {
			errBuild = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if errBuild != nil {
		t.Fatalf("building the command: %v", errBuild)
	}
	return built
}

// The examples of api.md, from its first to its last, run against a new server and must print what
// the page says; times may differ. Without curl there is nothing to try.
func TestAPIExamplesWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip(err)
	}
	text, err := os.ReadFile("api.md")
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t).public
	blocks := fence.FindAllStringSubmatch(string(text), -1)
	compared := 0
	for i, b := range blocks {
		if b[1] != "sh" || !strings.Contains(b[2], "curl ") || strings.Contains(b[2], "curl -N") {
			continue
		}
		got := runExample(t, server, b[2])
		if want := answerTo(blocks[i+1:]); want != "" {
			compared++
			if diff := cmp.Diff(timeless(t, want), timeless(t, got)); diff != "" {
				t.Errorf("%s(-page +server):\n%s", b[2], diff)
			}
		}
	}
	if compared < 6 {
		t.Errorf("only %d examples have an answer to compare", compared)
	}
}

// answerTo is the JSON that follows a command on the page; headers may stand between.
func answerTo(following [][]string) string {
	for _, b := range following {
		switch b[1] {
		case "json":
			return b[2]
		case "sh":
			return ""
		}
	}
	return ""
}

// runExample runs commands as the page has them, but stops at a refusal that the page doesn't
// announce with -i.
func runExample(t *testing.T, server, commands string) string {
	t.Helper()
	curl := `curl() { command curl -sS --fail-with-body "$@"; }`
	if strings.Contains(commands, "curl -i") {
		curl = `curl() { shift; command curl -sS "$@"; }`
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", curl+"\n"+commands)
	cmd.Env = append(os.Environ(), "P="+server)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s%v\n%s", commands, err, out)
	}
	return string(out)
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

func timeless(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(moment.ReplaceAllString(text, "T")), &v); err != nil {
		t.Errorf("not JSON: %v\n%s", err, text)
	}
	return v
}

// addresses are where a server listens.
type addresses struct{ public, admin string }

// serve starts a server on free ports.
func serve(t *testing.T, more ...string) addresses {
	t.Helper()
	args := []string{
		"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--peer-listen=127.0.0.1:0",
		"--gossip-listen=127.0.0.1:0", "--log-format=json",
	}
	cmd := exec.Command(command(t), append(args, more...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		var line struct{ Listen, Admin string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Listen != "" {
			return addresses{"http://" + line.Listen, "http://" + line.Admin}
		}
	}
	t.Fatal("the server ended without saying where it listens")
	return addresses{}
}

// secured are the flags of a server with a certificate for clients, that of httptest.
func secured(t *testing.T) []string {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pair := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return []string{
		"--tls-cert=" + write("crt", "CERTIFICATE", pair.Certificate[0]),
		"--tls-key=" + write("key", "PRIVATE KEY", key),
	}
}

// Every metric that a page names is there from the first scrape; those of certificates and tenants
// where there are some.
func TestMetricsExist(t *testing.T) {
	response, err := http.Get(serve(t, append(secured(t), "--metrics-tenants=acme")...).admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	out, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range pages(t) {
		for _, m := range metric.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(string(out), "\n"+m[1]) {
				t.Errorf("%s: there is no metric %s", name, m[1])
			}
		}
	}
}

var metric = regexp.MustCompile("`(presence_[a-z_]+(?:\\{[^}]*\\})?)`")
