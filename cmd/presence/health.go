package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const (
	healthTimeout = 3 * time.Second
	healthPause   = 100 * time.Millisecond // between two questions
)

// healthCommand shares the name, and so the variable, of serve's setting: in a container both see
// the same.
type healthCommand struct {
	AdminListen address       `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"The admin listener of the node, as serve was given it."`
	Wait        time.Duration `placeholder:"TIME" help:"Ask again until the node is ready, for so long at most."`
}

// Run asks until the answer is yes, or --wait is over.
func (c *healthCommand) Run(ctx context.Context, t terminal) error {
	end := time.Now().Add(c.Wait)
	for {
		err := c.ask(ctx, t)
		if err == nil || !time.Now().Before(end) {
			return err
		}
		select {
		case <-time.After(healthPause):
		case <-ctx.Done():
			return err
		}
	}
}

// ask asks /readyz once.
func (c *healthCommand) ask(ctx context.Context, t terminal) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	target := "http://" + dialable(string(c.AdminListen)) + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return unreachable(target, err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return unreachable(target, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s: %s", response.Status, said)
	}
	_, err = fmt.Fprintln(t.out, "ready")
	return err
}

// unreachable leaves out what net/http repeats of the request.
func unreachable(target string, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("cannot reach %s: %w", target, err)
}

// dialable is where to reach a listener of this machine: one on all interfaces is reached on
// loopback.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
