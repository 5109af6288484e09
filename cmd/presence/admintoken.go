package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// Bounds of a token of operators, in characters. One is too long to remember, and too long to
// guess.
const (
	minAdminToken = 32
	maxAdminToken = 1024
)

// tokenCharacters are those that a header can hold (RFC 6750).
const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

// adminToken is what operators show at the admin listener, kept equal to a file. It is kept and
// compared as a hash, so that the time of a comparison tells nothing, not even its length.
type adminToken struct {
	file string
	hash *keyfiles.Files[[sha256.Size]byte]
	log  *slog.Logger
}

// loadAdminToken reads the file for the first time; it must be good.
func loadAdminToken(file string, o keyfiles.Options) (*adminToken, error) {
	hash, err := keyfiles.Load(o, func(contents [][]byte) ([sha256.Size]byte, error) {
		token, err := readAdminToken(file, contents[0])
		return sha256.Sum256(token), err
	}, file)
	if err != nil {
		return nil, fmt.Errorf("--admin-token-file: %w", err)
	}
	return &adminToken{file, hash, o.Logger}, nil
}

// readAdminToken leaves out the end of the line.
func readAdminToken(file string, content []byte) ([]byte, error) {
	token := bytes.TrimRight(content, "\r\n")
	if len(token) < minAdminToken || len(token) > maxAdminToken || len(bytes.Trim(token, tokenCharacters)) > 0 {
		return nil, fmt.Errorf("%s: must hold one line of %d to %d characters, "+
			"letters, digits and any of -._~+/=, as `openssl rand -hex 32` makes",
			file, minAdminToken, maxAdminToken)
	}
	return token, nil
}

// is reports whether a token is the one of the file.
func (a *adminToken) is(token string) bool {
	shown, want := sha256.Sum256([]byte(token)), a.hash.Current()
	return subtle.ConstantTimeCompare(shown[:], want[:]) == 1
}

// look follows the file.
func (a *adminToken) look() {
	if a.hash.Look() {
		a.log.Info("admin token reloaded", "file", a.file)
	}
}

// operators returns the check for tokens of the admin listener; nil: it asks for none.
func (c *serveCommand) operators() (func(token string) bool, error) {
	if c.AdminTokenFile == "" {
		if !c.adminLoopback {
			c.keys.log.Warn(
				"the admin listener asks for no token and is beyond loopback; keep it in a network of your "+
					"own, or give --admin-token-file",
				"address", string(c.AdminListen))
		}
		return nil, nil
	}
	token, err := loadAdminToken(c.AdminTokenFile, c.keys.options(&c.keys.adminFailures))
	if err != nil {
		return nil, err
	}
	c.keys.admin = token
	return token.is, nil
}
