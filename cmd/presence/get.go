package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

type getCommand struct {
	IDs    []string `arg:"" name:"id" help:"Participants; me stands for yourself. Of a single one you also see when it was last seen."`
	JSON   bool     `name:"json" help:"Print the server's answer: a record for one id, a mapping from ids to states for several."`
	Viewer string   `placeholder:"ID" help:"Ask as this participant; for tokens with the scope presence:service."`

	serverSettings `embed:""`
}

// Run asks once and prints the answer.
func (c *getCommand) Run(ctx context.Context, t terminal) error {
	if len(c.IDs) == 1 {
		return c.one(ctx, t)
	}
	return c.many(ctx, t)
}

func (c *getCommand) one(ctx context.Context, t terminal) error {
	path := "/v1/presence/" + presence.PathSegment(c.IDs[0])
	if c.Viewer != "" {
		path += "?viewer=" + url.QueryEscape(c.Viewer)
	}
	answer, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var r presence.Record
	if err := answer.Decode(&r); err != nil {
		return err
	}
	now := time.Now()
	fmt.Fprintf(t.out, "%s  %s  %s\n", r.Participant, dot(r.State, t.colourful()), ago(r.LastSeen, now))
	if s := r.Status; s != nil {
		fmt.Fprintf(t.out, "  status    %s%s\n", wordsOf(s), until(s.Until, now))
	}
	if r.Override != "" {
		fmt.Fprintf(t.out, "  override  %s%s\n", r.Override, until(r.OverrideUntil, now))
	}
	for _, k := range r.Busy {
		fmt.Fprintf(t.out, "  busy      %s%s\n", k.Source, until(k.Until, now))
	}
	for _, d := range r.Devices {
		fmt.Fprintf(t.out, "  device    %s  %s  %s\n", d.ID, d.Activity, ago(d.LastSeen, now))
	}
	return nil
}

func (c *getCommand) many(ctx context.Context, t terminal) error {
	question := struct {
		IDs    []string `json:"ids"`
		Viewer string   `json:"viewer,omitzero"`
	}{c.IDs, c.Viewer}
	answer, err := c.call(ctx, http.MethodPost, "/v1/presence/query", question)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var states presence.States
	if err := answer.Decode(&states); err != nil {
		return err
	}
	for _, id := range c.IDs {
		if state, ok := states[id]; ok {
			fmt.Fprintf(t.out, "%s  %s\n", dot(state, t.colourful()), id)
			delete(states, id)
		}
	}
	if answer.Unknown > 0 {
		fmt.Fprintf(t.err, "presence: %d of them could not be told; ask again\n", answer.Unknown)
	}
	return nil
}

func printRaw(t terminal, answer *presence.Answer, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s\n", bytes.TrimSpace(answer.Body))
	return err
}

// ago is a time in words, as seen at now.
func ago(seen *time.Time, now time.Time) string {
	if seen == nil {
		return "never seen"
	}
	return "seen " + now.Sub(*seen).Truncate(time.Second).String() + " ago"
}
