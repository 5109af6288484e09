package main

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func addrs(texts ...string) (all []net.Addr) {
	for _, text := range texts {
		ip, n, err := net.ParseCIDR(text)
		if err != nil {
			panic(err)
		}
		all = append(all, &net.IPNet{IP: ip, Mask: n.Mask})
	}
	return all
}

func TestPrivateAddress(t *testing.T) {
	loopback := []string{"127.0.0.1/8", "::1/128", "fe80::1/64", "169.254.1.1/16"}
	for _, tc := range []struct {
		machine string
		only4   bool
		want    string // or what the error says
	}{
		{"", false, "no private address"},
		{"203.0.113.7/24 2001:db8::7/64", false, "no private address"},
		{"10.1.2.3/8", false, "10.1.2.3"},
		{"172.31.255.1/12", false, "172.31.255.1"},
		{"172.32.0.1/12", false, "no private address"},
		{"192.168.0.9/24 203.0.113.7/24", false, "192.168.0.9"},
		{"100.64.0.1/10", false, "100.64.0.1"},
		{"100.127.255.254/10", false, "100.127.255.254"},
		{"100.128.0.1/10", false, "no private address"},
		{"fd12:3456::1/64", false, "fd12:3456::1"},
		{"fd12:3456::1/64", true, "no private address"},
		{"10.1.2.3/8 fd12:3456::1/64", true, "10.1.2.3"},
		{"10.1.2.3/8 fd12:3456::1/64", false, "several private addresses, 10.1.2.3, fd12:3456::1;"},
		{
			"192.168.0.9/24 10.1.2.3/8 172.17.0.1/16", false,
			"several private addresses, 10.1.2.3, 172.17.0.1, 192.168.0.9;",
		},
		{"10.1.2.3/8 10.1.2.3/32", false, "10.1.2.3"}, // of two interfaces
		{"::ffff:10.1.2.3/104", false, "10.1.2.3"},
	} {
		ip, err := privateAddress(addrs(append(strings.Fields(tc.machine), loopback...)...), tc.only4)
		if err == nil && ip.String() != tc.want || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s, IPv4 alone %v: %v, %v; want %s", tc.machine, tc.only4, ip, err, tc.want)
		}
		if err != nil && !strings.Contains(err.Error(), "--advertise-address") {
			t.Errorf("%s: %v doesn't say what would be right", tc.machine, err)
		}
	}
}

// TestAdvertise: other nodes dial one host for peers and gossip.
func TestAdvertise(t *testing.T) {
	one := addrs("127.0.0.1/8", "10.1.2.3/8")
	for _, tc := range []struct {
		args  string
		host  string // empty: that of --gossip-listen
		found bool
		says  string // of the error
	}{
		{"--gossip-listen=127.0.0.1:1", "", false, ""},
		{"--gossip-listen=localhost:1", "", false, ""},
		{"--peer-listen=10.1.2.3:1 --gossip-listen=10.1.2.3:2", "", false, ""},
		{"--peer-listen=:1 --gossip-listen=:2", "10.1.2.3", true, ""},
		{"--peer-listen=0.0.0.0:1 --gossip-listen=[::]:2", "10.1.2.3", true, ""},
		{"--peer-listen=:1 --gossip-listen=:2 --advertise-address=n1.example", "n1.example", false, ""},
		{"--peer-listen=:1 --gossip-listen=10.9.9.9:2", "10.9.9.9", false, ""},
		{"--peer-listen=10.9.9.9:1 --gossip-listen=:2", "10.9.9.9", false, ""},
		{"--gossip-listen=:2", "", false, "give both the same"},
		{"--peer-listen=:1", "", false, "give both the same"},
		{"--peer-listen=:1 --advertise-address=127.0.0.1", "127.0.0.1", false, ""},
		{"--peer-listen=10.1.2.3:1", "", false, "--peer-listen=10.1.2.3:1 and --gossip-listen=127.0.0.1:7946"},
		{"--peer-listen=10.1.2.3:1 --gossip-listen=10.1.2.4:1", "", false, "give both the same"},
		{"--peer-listen=127.0.0.2:1", "", false, "give both the same"},
	} {
		c, _, err := parseServe(nil, strings.Fields(tc.args)...)
		if err != nil {
			t.Fatal(err)
		}
		host, found, err := c.advertise(t.Context(), func() ([]net.Addr, error) { return one, nil })
		if tc.says == "" && (err != nil || host != tc.host || found != tc.found) {
			t.Errorf("%s: %q, found %v, %v", tc.args, host, found, err)
		}
		if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: %q, %v; want %q", tc.args, host, err, tc.says)
		}
	}
	c, _, err := parseServe(nil, "--peer-listen=:1", "--gossip-listen=:2")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.advertise(t.Context(), func() ([]net.Addr, error) { return nil, errors.New("no") }); err == nil {
		t.Error("a machine whose addresses aren't known")
	}
}
