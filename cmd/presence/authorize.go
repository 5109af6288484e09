package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/scaiwave/presence/cluster/keyfiles"
	"github.com/scaiwave/presence/gateway/authorize"
)

// authorizeSettings are about a backend that is asked what viewers may see.
type authorizeSettings struct {
	AuthorizeURL        string `name:"authorize-url" placeholder:"URL" help:"Endpoint of a backend that is asked whom a viewer may see; https, or http to loopback. Nobody is asked by default."`
	AuthorizeSecretFile string `placeholder:"FILE" help:"Secrets that sign those questions as Standard Webhooks has it, whsec_ and base64, one a line; all sign. Read again when the file changes."`
}

func (c *authorizeSettings) checkAuthorize() error {
	switch {
	case c.AuthorizeURL == "" && c.AuthorizeSecretFile == "":
		return nil
	case c.AuthorizeURL == "":
		return errors.New("--authorize-secret-file signs questions to --authorize-url: give that too")
	case c.AuthorizeSecretFile == "":
		return errors.New("--authorize-url needs a secret to sign its questions: add --authorize-secret-file, " +
			"such as `echo whsec_$(openssl rand -base64 32)` makes")
	}
	if err := authorize.CheckURL(c.AuthorizeURL); err != nil {
		return fmt.Errorf("--authorize-url: %w", err)
	}
	return nil
}

// authorizer asks the backend; nil: there is none to ask.
func (c *serveCommand) authorizer(log *slog.Logger) (*authorize.Client, error) {
	if c.AuthorizeURL == "" {
		return nil, nil
	}
	read := func(contents [][]byte) (s authorize.Secrets, err error) {
		if s, err = authorize.ParseSecrets(contents[0]); err != nil {
			err = fmt.Errorf("%s: %w", c.AuthorizeSecretFile, err)
		}
		return s, err
	}
	secrets, err := keyfiles.Load(c.keys.options(&c.keys.secretFailures), read, c.AuthorizeSecretFile)
	if err != nil {
		return nil, fmt.Errorf("--authorize-secret-file: %w", err)
	}
	c.keys.secrets = secrets
	return authorize.New(authorize.Config{
		URL: c.AuthorizeURL, Secrets: secrets.Current, MostKept: authorize.MostKept, Logger: log,
	})
}
