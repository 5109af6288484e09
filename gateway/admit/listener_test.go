package admit

import (
	"strings"
	"testing"
)

func TestNewcomerTakesAnIdlePlace(t *testing.T) {
	d := open(t, func(c *Config) { c.Connections = 2 })
	first, second := d.dial("127.0.0.1"), d.dial("127.0.0.1")
	first.get("/")
	first.want(200, "hello")
	eventually(t, "the first is idle", func() bool { return d.resting() == 1 })
	second.get("/")
	second.want(200, "hello")
	eventually(t, "both idle", func() bool { return d.resting() == 2 })
	third := d.dial("127.0.0.1")
	third.get("/")
	third.want(200, "hello")
	first.wantEnd()
	second.get("/")
	second.want(200, "hello")
	if s := d.l.Stats(); s.Freed != 1 || s.Refused["connections"] != 0 || s.Open != 2 {
		t.Errorf("%+v", s)
	}
}

func (d *door) resting() (n int) {
	d.l.mu.Lock()
	defer d.l.mu.Unlock()
	for c := d.l.resting.first; c != nil; c = c.spot.next {
		n++
	}
	return n
}

// A newcomer whose address has all its connections takes nobody's place.
func TestRefusedAddressFreesNobody(t *testing.T) {
	d := open(t, func(c *Config) { c.Connections, c.Addresses = 2, NewPlaces(1, 2, nil) })
	one, two := d.dial("127.0.0.1"), d.dial("127.0.0.2")
	for _, c := range []*client{one, two} {
		c.get("/")
		c.want(200, "hello")
	}
	eventually(t, "both idle", func() bool { return d.resting() == 2 })
	again := d.dial("127.0.0.1")
	again.want(429, "")
	if s := d.l.Stats(); s.Freed != 0 || s.Open != 2 || s.Refused["address_connections"] != 1 {
		t.Errorf("%+v", s)
	}
	two.get("/")
	two.want(200, "hello")
}

// A connection that is being answered is nobody's place; the newcomer is told, and served when one
// has gone.
func TestRefusedWithTheReason(t *testing.T) {
	d := open(t, func(c *Config) { c.Connections = 1 })
	busy := d.dial("127.0.0.1")
	busy.get("/block")
	<-d.busy
	refused := d.dial("127.0.0.2")
	refused.get("/")
	res := refused.want(503, `"code":"unavailable"`)
	if res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Retry-After") != "1" {
		t.Errorf("%v", res.Header)
	}
	refused.wantEnd()
	close(d.block)
	busy.want(200, "hello")
	busy.conn.Close()
	eventually(t, "the place is free", func() bool { return d.l.Open() == 0 })
	next := d.dial("127.0.0.2")
	next.get("/")
	next.want(200, "hello 127.0.0.2:")
	if s := d.l.Stats(); s.Refused["connections"] != 1 {
		t.Errorf("%+v", s)
	}
}

// Who says nothing for a second after it came has no better right than a newcomer; until then it
// has.
func TestSilentNewcomers(t *testing.T) {
	d := open(t, func(c *Config) { c.Connections = 1 })
	silent := d.dial("127.0.0.1")
	eventually(t, "it is in", func() bool { return d.l.Open() == 1 })
	early := d.dial("127.0.0.2")
	early.want(503, "1 connections")
	eventually(t, "the silent one goes for a newcomer", func() bool {
		c := d.dial("127.0.0.3")
		defer c.conn.Close()
		c.get("/")
		line, _ := c.in.ReadString('\n')
		return strings.Contains(line, "200")
	})
	silent.wantEnd()
}

func TestConnectionsOfAnAddress(t *testing.T) {
	d := open(t, func(c *Config) { c.Addresses = NewPlaces(2, 100, nil) })
	one, two := d.dial("127.0.0.2"), d.dial("127.0.0.2")
	one.get("/")
	one.want(200, "hello")
	two.get("/")
	two.want(200, "hello")
	three := d.dial("127.0.0.2")
	if res := three.want(429, `"code":"rate_limited"`); res.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	other := d.dial("127.0.0.3")
	other.get("/")
	other.want(200, "hello")
	one.conn.Close()
	eventually(t, "a place is free", func() bool { return d.l.Open() == 2 })
	again := d.dial("127.0.0.2")
	again.get("/")
	again.want(200, "hello")
	if s := d.l.Stats(); s.Refused["address_connections"] != 1 {
		t.Errorf("%+v", s)
	}
}

// Where TLS is spoken there is no word for who is refused.
func TestRefusedUnderTLS(t *testing.T) {
	d := open(t, func(c *Config) { c.Connections, c.Secure = 1, true })
	busy := d.dial("127.0.0.1")
	busy.get("/block")
	<-d.busy
	d.dial("127.0.0.2").wantEnd()
	close(d.block)
}

// Large headers draw on one budget, and give it back when they have been read, or broke off.
func TestHeaderMemory(t *testing.T) {
	shares := HeaderShares(256<<10, 256<<10)
	budget := shares.Budget()
	d := open(t, func(c *Config) { c.Headers = shares })
	holder := d.dial("127.0.0.1")
	holder.send("GET /?" + strings.Repeat("x", 100<<10))
	eventually(t, "it has drawn", func() bool { return budget.Used() > 150<<10 })
	small := d.dial("127.0.0.2")
	small.get("/?" + strings.Repeat("x", 10<<10))
	small.want(200, "hello")
	refused := d.dial("127.0.0.2")
	refused.send("GET /?" + strings.Repeat("x", 90<<10))
	refused.want(503, "POST /v1/presence/query")
	holder.send(" HTTP/1.1\r\nHost: x\r\n\r\n")
	holder.want(200, "hello")
	eventually(t, "it has given back", func() bool { return budget.Used() == 0 })
	again := d.dial("127.0.0.2")
	again.send("GET /?" + strings.Repeat("x", 90<<10))
	eventually(t, "it has drawn", func() bool { return budget.Used() > 100<<10 })
	again.conn.Close()
	eventually(t, "what broke off has given back", func() bool { return budget.Used() == 0 })
	if s := d.l.Stats(); s.Refused["header_memory"] != 1 {
		t.Errorf("%+v", s)
	}
}

// An address that holds back large headers leaves memory for those of others.
func TestHeaderMemoryOfAnAddress(t *testing.T) {
	shares := HeaderShares(1<<20, 100<<10)
	d := open(t, func(c *Config) { c.Headers, c.Addresses = shares, NewPlaces(10, 0, nil) })
	first := d.dial("127.0.0.1")
	first.send("GET /?" + strings.Repeat("x", 100<<10))
	eventually(t, "it has drawn", func() bool { return shares.Budget().Used() > 150<<10 })
	second := d.dial("127.0.0.1")
	second.send("GET /?" + strings.Repeat("x", 100<<10))
	second.want(503, "POST /v1/presence/query")
	other := d.dial("127.0.0.2")
	other.get("/?" + strings.Repeat("x", 100<<10))
	other.want(200, "hello")
	first.send(" HTTP/1.1\r\nHost: x\r\n\r\n")
	first.want(200, "hello")
	eventually(t, "all is given back", func() bool { return shares.Budget().Used() == 0 })
}
