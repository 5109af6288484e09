#!/usr/bin/env bash
# memberlist v0.7.0: a host name as the address to listen at opens every address of the machine.
#
# NetTransportConfig.BindAddrs, and Config.BindAddr above it, take "a list of addresses to bind to". What is
# no IP address, as a name is, becomes none at all, and a listener without an address listens everywhere. No
# error, and no line in the log. Whoever gives "localhost" to keep gossip on the machine has opened it to
# the network; 127.0.0.2, below, stands for the addresses that were not named.
#
# Seen on 2026-11-27 with Go 1.26.8, linux/amd64:
#
#	BindAddr 127.0.0.1: takes connections at 127.0.0.1 true, at 127.0.0.2 false
#	BindAddr localhost: takes connections at 127.0.0.1 true, at 127.0.0.2 true
#
# What follows for us: --gossip-listen resolves a name itself, and hands memberlist an IP address
# (cluster/gossip, bindAddress, and its test).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf 'module finding\n\ngo 1.26\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/hashicorp/memberlist"
)

func takes(ip string, port int) bool {
	c, err := net.DialTimeout("tcp", net.JoinHostPort(ip, fmt.Sprint(port)), time.Second)
	if err == nil {
		c.Close()
	}
	return err == nil
}

func main() {
	for _, addr := range []string{"127.0.0.1", "localhost"} {
		t, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{
			BindAddrs: []string{addr}, Logger: log.New(io.Discard, "", 0),
		})
		if err != nil {
			fmt.Println(addr, err)
			continue
		}
		port := t.GetAutoBindPort()
		fmt.Printf("BindAddr %s: takes connections at 127.0.0.1 %v, at 127.0.0.2 %v\n",
			addr, takes("127.0.0.1", port), takes("127.0.0.2", port))
	}
}
GO
timeout 120 go get github.com/hashicorp/memberlist@v0.7.0 >/dev/null 2>&1
got=$(timeout 120 go run .)
echo "$got"
want='BindAddr 127.0.0.1: takes connections at 127.0.0.1 true, at 127.0.0.2 false
BindAddr localhost: takes connections at 127.0.0.1 true, at 127.0.0.2 true'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
