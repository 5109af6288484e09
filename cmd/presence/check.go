package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/scaiwave/presence/gateway"
)

// check looks at the settings together, and fills in the defaults that depend on others or on the
// machine.
func (c *serveCommand) check(ctx context.Context, given []string) error {
	beyond, err := beyondLoopback(ctx, c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	adminBeyond, err := beyondLoopback(ctx, c.AdminListen)
	if err != nil {
		return fmt.Errorf("--admin-listen: %w", err)
	}
	c.AdminPprof = c.AdminPprof || !adminBeyond
	c.adminLoopback = !adminBeyond
	if c.Demo == nil {
		demo := !beyond && c.insecure()
		c.Demo = &demo
	}
	files := openFiles()
	if c.MaxConnections == 0 {
		c.MaxConnections = roomFor(files).seats
	}
	c.memory = findMemoryLimit("/")
	if c.RequestMemory == 0 {
		c.RequestMemory = requestMemoryFor(c.memory.bytes)
	}
	c.fillIn(roomFor(files))
	if c.NodeID == "" {
		if c.NodeID, err = os.Hostname(); err != nil {
			return fmt.Errorf("--node-id: the host has no name to take: %w", err)
		}
	}
	if err := c.nameExceptions(given); err != nil {
		return err
	}
	c.wantsPeers = c.opensPeers(given)
	c.idle = c.idleFlags(given)
	return errors.Join(c.checkWho(beyond, jwtFlags(given)), c.checkClaims(), c.checkTLS(), c.checkAuthorize(),
		gateway.CheckOrigins(c.AllowedOrigins), gateway.CheckMetricsTenants(c.MetricsTenants),
		c.proxySettings.check(), c.checkNumbers(), checkRoom(c.MaxOpenConnections, files), c.checkPeers(ctx))
}

// nameExceptions takes --max-windows for --max-exceptions, as it was called.
func (c *serveCommand) nameExceptions(given []string) error {
	switch {
	case !slices.Contains(given, "max-windows"):
		return nil
	case slices.Contains(given, "max-exceptions") && c.MaxExceptions != c.MaxWindows:
		return fmt.Errorf("--max-windows is the former name of --max-exceptions, and they are %d and %d; give one of them",
			c.MaxWindows, c.MaxExceptions)
	}
	c.MaxExceptions = c.MaxWindows
	return nil
}

// checkWho keeps tokens that prove nothing on this machine, and settings of one kind of token away
// from the other.
func (c *serveCommand) checkWho(beyond bool, jwt []string) error {
	keys := c.JWTKeyFile != "" || c.JWTJWKSURL != ""
	switch {
	case c.insecure() && len(jwt) > 0:
		return fmt.Errorf("%s: the --jwt-… settings do nothing with --auth=insecure; add --auth=jwt, or leave them out",
			strings.Join(jwt, ", "))
	case c.insecure() && beyond && !c.AllowInsecure:
		return fmt.Errorf("--auth=insecure on %s would let anyone who reaches it be anybody; "+
			"listen on loopback (--listen=127.0.0.1:8080), ask for signed tokens (--auth=jwt with --jwt-key-file or "+
			"--jwt-jwks-url), "+
			"or say that the network can be trusted (--allow-insecure)", c.Listen)
	case c.insecure():
		return nil
	case !keys:
		return errors.New("--auth=jwt needs a key to check tokens with: --jwt-key-file or --jwt-jwks-url")
	case c.JWTKeyFile != "" && c.JWTJWKSURL != "":
		return errors.New("--jwt-key-file and --jwt-jwks-url are two places for one key; give one of them")
	}
	return nil
}

func (c *serveCommand) checkTLS() error {
	switch {
	case c.TLSCert != "" && c.TLSKey == "":
		return errors.New("--tls-cert needs its key: add --tls-key")
	case c.TLSKey != "" && c.TLSCert == "":
		return errors.New("--tls-key needs its certificate: add --tls-cert")
	}
	return nil
}

// checkNumbers asks the layers that take them, which know their bounds.
func (c *serveCommand) checkNumbers() error {
	settings, limits := c.settings(), c.limits()
	return errors.Join(settings.Validate(), limits.Validate())
}

// beyondLoopback reports whether other machines than this one can reach a listener. An empty host
// is every interface; a name is as safe as the least safe address it stands for.
func beyondLoopback(ctx context.Context, listen address) (bool, error) {
	host, _, err := net.SplitHostPort(string(listen))
	if err != nil || host == "" {
		return true, err
	}
	host, _, _ = strings.Cut(host, "%")
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return true, err
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return true, nil
		}
	}
	return false, nil
}
