package link

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// listen serves a node, and logs to lines.
func listen(t *testing.T, l *Local) (address string, lines *logged) {
	t.Helper()
	lines = &logged{lines: make(chan string, 1000)}
	l.Logger = slog.New(slog.NewTextHandler(lines, nil))
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, at)
	t.Cleanup(s.Close)
	return at.Addr().String(), lines
}

// fitting is a handshake with which nothing is wrong, of a to b.
func fitting() http.Header {
	return http.Header{
		headerCluster: {"test"}, headerProtocol: {"7 p=1"}, headerFrom: {"a~1"}, headerTo: {"b~1"}, headerClass: {"hot"},
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
}

// knock makes a handshake by hand.
func knock(t *testing.T, address, path string, h http.Header) (status int, all string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = h
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Header.Del("Date")
	var b strings.Builder
	_ = resp.Header.Write(&b)
	return resp.StatusCode, b.String() + string(body)
}

// membersOf knows some nodes.
type membersOf struct {
	mu         sync.Mutex
	names      map[Name]bool
	come       chan struct{} // closed when names has grown
	introduced chan Name
	awaited    chan Name
}

func newMembers(names ...Name) *membersOf {
	m := &membersOf{
		names: make(map[Name]bool), come: make(chan struct{}),
		introduced: make(chan Name, 100), awaited: make(chan Name, 100),
	}
	for _, n := range names {
		m.names[n] = true
	}
	return m
}

func (m *membersOf) add(n Name) {
	m.mu.Lock()
	m.names[n] = true
	m.mu.Unlock()
	close(m.come)
}

func (m *membersOf) Knows(n Name) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.names[n]
}

func (m *membersOf) Await(ctx context.Context, n Name) bool {
	m.awaited <- n
	select {
	case <-m.come:
	case <-ctx.Done():
	}
	return m.Knows(n)
}

func (m *membersOf) Introduce(to Name) { m.introduced <- to }

// TestRefusalsTellNothing: whatever is wrong with a handshake, its answer is the same, and the log
// of the node says what it is.
func TestRefusalsTellNothing(t *testing.T) {
	home := local("b", newSide())
	home.Members = newMembers(Name{"a", "1"})
	address, lines := listen(t, home)
	if status, _ := knock(t, address, path, fitting()); status != http.StatusSwitchingProtocols {
		t.Fatalf("a handshake that fits: %d", status)
	}
	const plain = "Content-Length: 8\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"X-Content-Type-Options: nosniff\r\nrefused\n"
	for _, tc := range []struct{ key, value, says string }{
		{headerCluster, "other", `cluster name "other"; here it is "test"`},
		{headerProtocol, "7 p=2", `node "a~1": it has other constants: there "p=2", here "p=1"`},
		{headerTo, "b~0", `looking for "b~0"; this is "b~1"`}, // an address that a new boot has taken over
		{headerTo, "c~1", `looking for "c~1"; this is "b~1"`},
		{headerFrom, "a", `node "a"; must be ID~BOOT`},
		{headerFrom, "b~1", `"b~1" is this node itself`},
		{headerFrom, "stranger~1", `"stranger~1" is no member that gossip knows here`},
		{headerFrom, "a~2", `"a~2" is no member that gossip knows here`}, // another boot is another node
		{headerClass, "cold", `class "cold"`},
	} {
		h := fitting()
		h.Set(tc.key, tc.value)
		if status, all := knock(t, address, path, h); status != http.StatusForbidden || all != plain {
			t.Errorf("%s %s: %d %q", tc.key, tc.value, status, all)
		}
		if line := strings.ReplaceAll(<-lines.lines, `\"`, `"`); !strings.Contains(line, "peer refused") ||
			!strings.Contains(line, tc.says) {
			t.Errorf("%s %s: logged %s, want %s", tc.key, tc.value, line, tc.says)
		}
	}
	if status, all := knock(t, address, "/", http.Header{}); status != http.StatusForbidden || all != plain {
		t.Errorf("no node at all: %d %q", status, all)
	}
	if got := home.Stats.Refused.Load(); got != 10 {
		t.Errorf("%d counted, want 10", got)
	}
}

// TestRefusedDialerSaysWhatToCompare: the end that dials is told nothing, so it says where to look.
// It also has gossip tell the other end of it.
func TestRefusedDialerSaysWhatToCompare(t *testing.T) {
	home := local("b", newSide())
	address, _ := listen(t, home)
	dialer := local("a", newSide())
	dialer.Cluster = "other"
	members := newMembers(home.Name)
	dialer.Members = members
	lines := logging(dialer)
	p := Dial(dialer, home.Name, address)
	t.Cleanup(p.Close)
	heard(t, lines, "link not made",
		"the other node refused, and its log says why; compare --cluster-name, version and timings")
	if got := <-members.introduced; got != home.Name {
		t.Errorf("introduced to %v", got)
	}
}

// TestHeldUntilKnown: a node that dials before gossip has told of it is linked as soon as it has.
func TestHeldUntilKnown(t *testing.T) {
	a, b := newSide(), newSide()
	dialer, home := local("a", a), local("b", b)
	members := newMembers()
	home.Members = members
	address, _ := listen(t, home)
	p := Dial(dialer, home.Name, address)
	t.Cleanup(p.Close)
	select {
	case <-b.opened:
		t.Fatal("linked with a node that gossip does not know")
	case <-members.awaited:
	}
	members.add(dialer.Name)
	open(t, b)
	if refused := home.Stats.Refused.Load(); refused != 0 {
		t.Errorf("%d refused", refused)
	}
}

// TestHeldAreFew: the places of nodes that gossip does not know are few. Nodes that it knows need
// none.
func TestHeldAreFew(t *testing.T) {
	home := local("b", newSide())
	home.Members = newMembers(Name{"a", "1"})
	s := &Server{local: home, held: make(chan struct{}, maxHeld)}
	for range maxHeld {
		s.held <- struct{}{}
	}
	if err := s.admit(t.Context(), Name{"c", "1"}); err == nil || !strings.Contains(err.Error(), "256 others wait") {
		t.Errorf("one more stranger: %v", err)
	}
	if err := s.admit(t.Context(), Name{"a", "1"}); err != nil {
		t.Errorf("a member: %v", err)
	}
}

// TestRefusedBodyIsNotWaitedFor: a stranger that knows all the names, and holds back a body, loses
// the connection.
func TestRefusedBodyIsNotWaitedFor(t *testing.T) {
	home := local("b", newSide())
	home.Members = newMembers()
	address, _ := listen(t, home)
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(holdTime + 5*restTime))
	r := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Path: path}, Host: address, Header: fitting(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	head := bytes.TrimSuffix(b.Bytes(), []byte("\r\n"))
	if _, err := c.Write(append(head, "Content-Length: 10\r\n\r\n"...)); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(c); err != nil || !strings.Contains(string(answer), "403") {
		t.Errorf("%q, %v", answer, err)
	}
}
