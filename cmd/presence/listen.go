package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// listeners binds both listeners, or none.
func (c *serveCommand) listeners(ctx context.Context) (public, admin net.Listener, err error) {
	if public, err = c.listen(ctx); err != nil {
		return nil, nil, err
	}
	if admin, err = bind(ctx, "--admin-listen", c.AdminListen); err != nil {
		closeAll(public)
		return nil, nil, err
	}
	return public, admin, nil
}

// closeAll passes over those that are nil.
func closeAll(listeners ...net.Listener) {
	for _, l := range listeners {
		if l != nil {
			_ = l.Close()
		}
	}
}

// listen binds the public listener and reads its certificate, if there is one. A node that takes no
// clients has none.
func (c *serveCommand) listen(ctx context.Context) (net.Listener, error) {
	if c.Role == "shard" {
		return nil, nil
	}
	if c.TLSCert == "" {
		return bind(ctx, "--listen", c.Listen)
	}
	cert, err := loadCertificate(c.TLSCert, c.TLSKey, c.keys.options(&c.keys.publicFailures))
	if err != nil {
		return nil, err
	}
	public, err := bind(ctx, "--listen", c.Listen)
	if err != nil {
		return nil, err
	}
	c.keys.public = cert
	return public, nil
}

// bind names the flag to change when an address can't be had.
func bind(ctx context.Context, flag string, at address) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", string(at))
	if err != nil {
		return nil, fmt.Errorf("%s=%s: %w", flag, at, err)
	}
	return l, nil
}

// free returns an error if an address is taken, before there is something to undo.
func free(ctx context.Context, at address) error {
	l, err := bind(ctx, "--gossip-listen", at)
	if err != nil {
		return err
	}
	return l.Close()
}

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("listener %s: %w", l.Addr(), err)
	}
	return nil
}
