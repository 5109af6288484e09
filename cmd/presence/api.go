package main

import (
	"context"
	"errors"

	"github.com/scaiwave/presence/client/presence"
)

// serverSettings say which server a command talks to, and as whom.
type serverSettings struct {
	Server string `group:"server" default:"http://127.0.0.1:8080" placeholder:"URL" help:"Where the node is."`
	Token  string `group:"server" placeholder:"TOKEN" help:"Who you are: a JWT, or your participant id if the server runs with --auth=insecure."`
	Tenant string `group:"server" placeholder:"TENANT" help:"Act in this tenant instead of the token's; for tokens with the scope presence:tenants."`
	CAFile string `group:"server" name:"ca-file" placeholder:"FILE" help:"Authorities to trust beside the system's, PEM: for a server whose certificate is of your own."`
}

// requireToken gives a hint that saves a look into the manual.
func (s *serverSettings) requireToken() error {
	if s.Token != "" {
		return nil
	}
	return errors.New("who are you? Give --token or PRESENCE_TOKEN; " +
		"with --auth=insecure, as presence serve runs by default, the token is your participant id: --token alice")
}

// api returns what makes requests to the server.
func (s *serverSettings) api() (a presence.API, err error) {
	if err := s.requireToken(); err != nil {
		return a, err
	}
	client, err := s.httpClient()
	return presence.API{Server: s.Server, Token: s.Token, Tenant: s.Tenant, HTTP: client}, err
}

// call makes one request. body is nil or something to send as JSON.
func (s *serverSettings) call(ctx context.Context, method, path string, body any) (*presence.Answer, error) {
	a, err := s.api()
	if err != nil {
		return nil, err
	}
	answer, err := a.Call(ctx, method, path, body)
	return answer, trustHint(err)
}

// keep holds a connection until ctx ends. One that never comes is an error: a mistyped address
// would be tried for ever.
func (s *serverSettings) keep(
	ctx context.Context, config presence.Config, watch []string, tell func(presence.Event),
) (err error) {
	if err := s.requireToken(); err != nil {
		return err
	}
	if config.HTTP, err = s.httpClient(); err != nil {
		return err
	}
	config.Server, config.Token, config.Tenant = s.Server, s.Token, s.Tenant
	c := presence.New(config)
	if err := c.Watch(watch...); err != nil {
		return err
	}
	ctx, give := context.WithCancel(ctx)
	defer give()
	var never error
	welcomed := false
	err = c.Run(ctx, func(event presence.Event) {
		switch e := event.(type) {
		case presence.Welcome:
			welcomed = true
		case presence.Lost:
			if !welcomed {
				never = e.Err
				give()
				return
			}
		}
		tell(event)
	})
	return trustHint(errors.Join(err, never))
}
