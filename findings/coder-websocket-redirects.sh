#!/usr/bin/env bash
# coder/websocket v1.8.15: Dial follows any number of redirects, to any origin, and says nothing of it.
#
# net/http stops after 10 redirects. Dial copies the client that it is given and gives it a
# CheckRedirect of its own, for the schemes ws and wss. That has no limit, as a client without a
# CheckRedirect then has none at all. The RFC lets a client follow redirects, and browsers follow
# none. What a program sends first, a hello with a token say, goes to wherever the answers lead, and
# neither the connection nor Dial's error tells where that is; only the response does.
#
# Seen on 2026-11-27 with Go 1.26.8, linux/amd64:
#
#	net/http: stopped after 10 redirects
#	websocket.Dial: connected after 30 redirects, at another origin true
#
# What follows for us: the Go client follows no redirect, over HTTP neither, and says where it would
# have led (client/presence, redirect.go and its test).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf 'module finding\n\ngo 1.26\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"

	"github.com/coder/websocket"
)

const redirects = 30

func main() {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			c.CloseNow()
		}
	}))
	defer target.Close()
	named := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		if n++; n == redirects {
			http.Redirect(w, r, target.URL, http.StatusFound)
			return
		}
		http.Redirect(w, r, "/?n="+strconv.Itoa(n), http.StatusFound)
	}))
	defer named.Close()

	_, err := http.Get(named.URL)
	var wrapped *url.Error
	errors.As(err, &wrapped)
	fmt.Println("net/http:", wrapped.Err)

	c, response, err := websocket.Dial(context.Background(), named.URL, nil)
	if err != nil {
		fmt.Println("websocket.Dial:", err)
		return
	}
	defer c.CloseNow()
	fmt.Printf("websocket.Dial: connected after %d redirects, at another origin %v\n", redirects,
		"http://"+response.Request.URL.Host == target.URL)
}
GO
timeout 120 go get github.com/coder/websocket@v1.8.15 >/dev/null 2>&1
got=$(timeout 120 go run .)
echo "$got"
want='net/http: stopped after 10 redirects
websocket.Dial: connected after 30 redirects, at another origin true'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
