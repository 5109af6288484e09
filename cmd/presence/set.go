package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

type setCommand struct {
	Override    string `arg:"" enum:"busy,appear_offline,auto" help:"busy, appear_offline, or auto to leave it to your devices again. It holds until you change it."`
	Participant string `default:"me" placeholder:"ID" help:"Whose; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run sets or clears the override.
func (c *setCommand) Run(ctx context.Context, t terminal) error {
	path := "/v1/presence/" + url.PathEscape(c.Participant) + "/override"
	method, body := http.MethodPut, any(map[string]string{"override": c.Override})
	if c.Override == "auto" {
		method, body = http.MethodDelete, nil
	}
	if _, err := c.call(ctx, method, path, body); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "override: %s\n", c.Override)
	return err
}
