package main

import (
	"context"
	"fmt"
)

type blockCommand struct {
	Viewer      string `arg:"" name:"id" help:"Whom; to them you are as somebody who was never there."`
	Participant string `default:"me" placeholder:"ID" help:"Who blocks; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run blocks a viewer.
func (c *blockCommand) Run(ctx context.Context, t terminal) error {
	a, err := c.api()
	if err != nil {
		return err
	}
	if err := a.Block(ctx, c.Participant, c.Viewer); err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintf(t.out, "blocked: %s\n", c.Viewer)
	return err
}

type unblockCommand struct {
	Viewer      string `arg:"" name:"id" help:"Whom."`
	Participant string `default:"me" placeholder:"ID" help:"Who has blocked; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run ends a block.
func (c *unblockCommand) Run(ctx context.Context, t terminal) error {
	a, err := c.api()
	if err != nil {
		return err
	}
	if err := a.Unblock(ctx, c.Participant, c.Viewer); err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintf(t.out, "unblocked: %s\n", c.Viewer)
	return err
}
