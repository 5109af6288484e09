package admit

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Client returns the address of the sender of a request: peer, or, if that is a trusted proxy, what
// it names.
//
// The headers are walked from the right, since each proxy appends whom it has heard: the first
// address that isn't trusted is the client's, and what is left of it is the client's own claim.
// X-Forwarded-For wins over Forwarded: most proxies set the former and hand on the latter as the
// client sent it.
//
//	client says        X-Forwarded-For: 10.9.9.9
//	edge proxy adds    X-Forwarded-For: 10.9.9.9, 203.0.113.7
//	inner proxy adds   X-Forwarded-For: 10.9.9.9, 203.0.113.7, 10.0.0.2
//	peer 10.0.0.3, trusted 10.0.0.0/24: the client is 203.0.113.7
func (t Trusted) Client(peer netip.Addr, h http.Header) netip.Addr {
	if !t.Contains(peer) {
		return peer
	}
	for _, hop := range slices.Backward(hops(h)) {
		a, ok := parseHop(hop)
		if !ok {
			return peer // the last one who is believed has said something that is no address
		}
		if peer = a; !t.Contains(a) {
			return a
		}
	}
	return peer
}

// hops are the addresses that a request says it came by, the nearest last.
func hops(h http.Header) []string {
	if list := h.Values("X-Forwarded-For"); len(list) > 0 {
		return strings.Split(strings.Join(list, ","), ",")
	}
	var found []string
	for _, element := range strings.Split(strings.Join(h.Values("Forwarded"), ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			found = append(found, part(element, "for"))
		}
	}
	return found
}

// part is what an element of Forwarded (RFC 7239), such as
// for="[2001:db8::1]:4711";host=example.com, says under a name; "" for nothing.
func part(element, name string) string {
	for _, pair := range strings.Split(element, ";") {
		found, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(found, name) {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// Hosts are the names that a client asked for, as X-Forwarded-Host and Forwarded say: nothing
// unless peer is trusted. Each of a list counts, since proxies disagree about the end at which they
// add.
//
// What a client itself has put there does no harm where origins are compared with it. A page can't
// put anything there: a WebSocket takes no headers, and fetch asks before, without them.
func (t Trusted) Hosts(peer netip.Addr, h http.Header) (hosts []string) {
	if !t.Contains(peer) {
		return nil
	}
	return NamedHosts(h)
}

// NamedHosts are those that the headers name, of any sender.
func NamedHosts(h http.Header) (hosts []string) {
	for _, list := range h.Values("X-Forwarded-Host") {
		hosts = append(hosts, strings.Split(list, ",")...)
	}
	for _, list := range h.Values("Forwarded") {
		for _, element := range strings.Split(list, ",") {
			hosts = append(hosts, part(element, "host"))
		}
	}
	for i := range hosts {
		hosts[i] = strings.TrimSpace(hosts[i])
	}
	return slices.DeleteFunc(hosts, func(h string) bool { return h == "" })
}
