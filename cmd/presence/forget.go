package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/scaiwave/presence/client/presence"
)

type forgetCommand struct {
	Participant string `arg:"" name:"id" help:"Whom; nothing of it can be brought back. Let its tokens end first: what it does afterwards counts."`

	serverSettings `embed:""`
}

// Run erases a participant.
func (c *forgetCommand) Run(ctx context.Context, t terminal) error {
	a, err := c.api()
	if err != nil {
		return err
	}
	if err := a.Forget(ctx, c.Participant); err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintf(t.out, "forgotten: %s\n", c.Participant)
	return err
}

type exportCommand struct {
	Participant string `arg:"" name:"id" default:"me" help:"Whose; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run prints all that is held of a participant, as JSON.
func (c *exportCommand) Run(ctx context.Context, t terminal) error {
	answer, err := c.call(ctx, http.MethodGet, "/v1/participants/"+presence.PathSegment(c.Participant)+"/export", nil)
	return printRaw(t, answer, err)
}
