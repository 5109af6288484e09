package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

type setCommand struct {
	Override    string         `arg:"" enum:"busy,appear_offline,auto" help:"busy, appear_offline, or auto to leave it to your devices again. It holds until you change it, or until its end."`
	For         *time.Duration `placeholder:"DURATION" help:"For how long, such as 30m; then it is auto."`
	Participant string         `default:"me" placeholder:"ID" help:"Whose; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run sets or clears the override.
func (c *setCommand) Run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	a, err := c.api()
	if err != nil {
		return err
	}
	if err := a.SetOverride(ctx, c.Participant, c.Override, endAfter(c.For)...); err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintf(t.out, "override: %s%s\n", c.Override, forWords(c.For))
	return err
}

func (c *setCommand) check() error {
	if c.For != nil && c.Override == presence.Auto {
		return errors.New("--for: auto has no end, it is what others end as")
	}
	return checkFor(c.For)
}
