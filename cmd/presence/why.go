package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/scaiwave/presence/client/presence"
)

type whyCommand struct {
	Participant string `arg:"" name:"id" help:"Who is shown."`
	Viewer      string `placeholder:"ID" help:"To whom; a stranger by default."`
	JSON        bool   `name:"json" help:"Print the server's answer."`

	serverSettings `embed:""`
}

// whyReply is what is printed of the answer.
type whyReply struct {
	Participant string `json:"participant_id"`
	State       string `json:"state"`
	Because     string `json:"because"`
}

// Run says why a viewer sees a participant so.
func (c *whyCommand) Run(ctx context.Context, t terminal) error {
	path := "/v1/participants/" + presence.PathSegment(c.Participant) + "/why"
	if c.Viewer != "" {
		path += "?viewer=" + url.QueryEscape(c.Viewer)
	}
	answer, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var r whyReply
	if err := answer.Decode(&r); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s  %s\n", r.Participant, dot(r.State, t.colourful()))
	_, err = fmt.Fprintf(t.out, "  %s\n", strings.ReplaceAll(r.Because, ". ", ".\n  "))
	return err
}
