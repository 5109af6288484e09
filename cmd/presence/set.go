package main

import (
	"context"
	"fmt"
)

type setCommand struct {
	Override    string `arg:"" enum:"busy,appear_offline,auto" help:"busy, appear_offline, or auto to leave it to your devices again. It holds until you change it."`
	Participant string `default:"me" placeholder:"ID" help:"Whose; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run sets or clears the override.
func (c *setCommand) Run(ctx context.Context, t terminal) error {
	a, err := c.api()
	if err != nil {
		return err
	}
	if err := a.SetOverride(ctx, c.Participant, c.Override); err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintf(t.out, "override: %s\n", c.Override)
	return err
}
