package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// secured is a node as in production: with TLS and signed tokens.
type secured struct {
	url, certFile, keyFile, token string
}

const hmacSecret = "a secret of more than 32 bytes, for HS256"

func startSecured(t *testing.T) *secured {
	t.Helper()
	binary, err := server()
	if err != nil {
		t.Fatal(err)
	}
	s := &secured{keyFile: write(t, "secret", []byte(hmacSecret+"\n")), token: sign(t, "backend", "presence:service")}
	cert, key := selfSigned(t)
	s.certFile = write(t, "cert.pem", cert)
	cmd := exec.Command(binary, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0",
		"--peer-listen=127.0.0.1:0", "--gossip-listen=127.0.0.1:0",
		"--heartbeat-interval=1s", "--tls-cert="+s.certFile, "--tls-key="+write(t, "key.pem", key), "--auth=jwt",
		"--jwt-key-file="+s.keyFile)
	s.url = "https://" + listening(t, cmd)
	return s
}

// listening starts a node that ends with the test, and returns the address where it listens.
func listening(t *testing.T, cmd *exec.Cmd) (addr string) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = in, in
	if err := target.StartOn(nil, cmd); err != nil {
		t.Fatal(err)
	}
	in.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		out.Close()
	})
	var said strings.Builder
	lines := bufio.NewScanner(io.TeeReader(out, &said))
	for lines.Scan() {
		if found := regexp.MustCompile(`msg=listening .*listen=(\S+) `).FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return found[1]
		}
	}
	t.Fatalf("the node ended: %s", said.String())
	return ""
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sign(t *testing.T, id, scope string) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256,
		jwt.MapClaims{
			"sub": id, "scope": scope,
			"exp": time.Now().Add(time.Hour).Unix(),
		}).SignedString([]byte(hmacSecret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// selfSigned returns a certificate of 127.0.0.1, and its key, in PEM.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	signed, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

// steady are the arguments of the shortest run against s.
func (s *secured) steady(more ...string) string {
	return fmt.Sprintf("steady --server=%s --participants=200 --sockets=20 --interval=500ms --warmup=200ms "+
		"--duration=1s %s", s.url, strings.Join(more, " "))
}

func TestAClusterWithTLSAndTokens(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	var errs bytes.Buffer
	r, _, code := bench(t, t.Context(), &errs,
		s.steady("--token="+s.token, "--key-file="+s.keyFile, "--ca-file="+s.certFile), 0)
	if code != 0 {
		t.Fatalf("status %d: %s", code, errs.String())
	}
	var failed int64
	// a busy machine starts some requests too late; with a bad token or authority all would fail
	for _, n := range r.Counts.Errors {
		failed += n
	}
	if r.Counts.Achieved == 0 || failed > r.Counts.Achieved/10 || r.Counts.FalseOffline > 0 {
		t.Errorf("%+v; want work, and hardly an error", r.Counts)
	}
	counted := make(map[string]int64)
	for _, l := range r.Latencies {
		counted[l.Name] = l.Count
	}
	if counted[load.BatchBeat] == 0 || counted[load.SocketBeat] == 0 || counted[load.Asking] == 0 {
		t.Errorf("%v; want heartbeats over HTTP and over sockets, and questions", counted)
	}
}

func TestAClusterThatRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	other := write(t, "other", []byte(strings.Repeat("x", 32)))
	token, key, ca := "--token="+s.token, "--key-file="+s.keyFile, "--ca-file="+s.certFile
	for args, want := range map[string]string{
		s.steady(token, key): "unknown authority (see --ca-file",
		s.steady(token, ca, "--key-file="+other): "signature is not from the key of this " +
			"server's configuration (see --key-file",
		s.steady(token, ca): "the token is not a JWT",
		s.steady(key, ca):   "status 401: the token is not a JWT",
		s.steady(key, ca, "--token="+sign(t, "ann", "")): "status 403: this call needs the scope " +
			"presence:service (see --token",
		s.steady(token, key, "--ca-file="+s.keyFile):                        "there is no certificate in it",
		strings.Replace(s.steady(token, key, ca), "https://", "http://", 1): "--ca-file is for --server=https://",
		strings.Replace(s.steady(token, key), "https://", "http://", 1):     "HTTP request to an HTTPS server",
	} {
		var errs bytes.Buffer
		if _, _, code := bench(t, t.Context(), &errs, args, 0); code == 0 || !strings.Contains(errs.String(), want) ||
			strings.Contains(errs.String(), "people arrive") {
			t.Errorf("%s\nstatus %d: %s\nwant %q, and nothing measured", args, code, errs.String(), want)
		}
	}
}
