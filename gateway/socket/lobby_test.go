package socket

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
)

// Sockets that never say hello take no seat of who does, and the oldest of them goes for a
// newcomer.
func TestSocketsWithoutHello(t *testing.T) {
	run(t, func(c *Config) { c.MaxConnections, c.MaxGreetings = 2, 3 }, func(e *env) {
		e.join("ann", "")
		var silent []*client
		for range 3 {
			silent = append(silent, e.open())
			synctest.Wait() // until it is in the line: the client knows of it before
		}
		if got := e.get(upgradeHeader()); !strings.HasPrefix(got, "503") ||
			!strings.Contains(got, "3 sockets that have not said hello") {
			t.Errorf("the lobby is full: %s", got)
		}
		time.Sleep(lobbyTime)
		e.join("bob", "")
		if code := silent[0].closed(); code != -1 {
			t.Errorf("closed with %d", code)
		}
		if got := e.get(upgradeHeader()); !strings.HasPrefix(got, "503") || !strings.Contains(got, "2 connections") {
			t.Errorf("all seats are taken: %s", got)
		}
		st := e.srv.Stats()
		if st.Open != 4 || st.Greeting != 2 || st.Greetings != 1 || st.Freed != 1 || st.Refused != 1 {
			t.Errorf("%+v", st)
		}
		silent[1].wantClose(closeNoHello)
		silent[2].wantClose(closeNoHello)
		synctest.Wait()
		if st := e.srv.Stats(); st.Open != 2 || st.Greeting != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// A good hello for which there is no seat is refused as unavailable, and may be sent again.
func TestHelloWithoutASeat(t *testing.T) {
	run(t, func(c *Config) { c.MaxConnections = 1 }, func(e *env) {
		late := e.open()
		ann := e.join("ann", "")
		late.send(`{"type":"hello","token":"bob","req":"1"}`)
		late.wantPart(`"code":"unavailable"`)
		ann.send(`{"type":"goodbye"}`)
		ann.wantClose(closeNormal)
		synctest.Wait()
		late.send(`{"type":"hello","token":"bob","req":"2"}`)
		late.wantPart(`"welcome"`)
	})
}

// The limit by address counts sockets until they have said hello, and who never did is told of.
func TestGreetingsOfAnAddress(t *testing.T) {
	var unwelcome []netip.Addr
	var places *admit.Places
	here := netip.MustParseAddr("203.0.113.7")
	run(t, func(c *Config) {
		unwelcome, places = nil, admit.NewPlaces(1, 0, nil)
		c.Client = func(*http.Request) netip.Addr { return here }
		c.Greetings = places
		c.Unwelcome = func(a netip.Addr) { unwelcome = append(unwelcome, a) }
	}, func(e *env) {
		e.join("ann", "")
		silent := e.open()
		if got := e.get(upgradeHeader()); !strings.HasPrefix(got, "429") ||
			!strings.Contains(got, `"code":"rate_limited"`) {
			t.Errorf("one more: %s", got)
		}
		silent.wantClose(closeNoHello)
		synctest.Wait()
		e.join("bob", "")
		if len(unwelcome) != 1 || unwelcome[0] != here || places.Addresses() != 0 {
			t.Errorf("unwelcome %v, %d addresses have a place", unwelcome, places.Addresses())
		}
	})
}
