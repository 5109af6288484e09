package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
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

// record is the answer about one participant. Override and devices come for oneself and to
// administrators.
type record struct {
	ParticipantID string     `json:"participant_id"`
	State         string     `json:"state"`
	LastSeen      *time.Time `json:"last_seen"`
	Override      string     `json:"override"`
	Devices       []struct {
		DeviceID string     `json:"device_id"`
		Activity string     `json:"activity"`
		LastSeen *time.Time `json:"last_seen"`
	} `json:"devices"`
}

func (c *getCommand) one(ctx context.Context, t terminal) error {
	path := "/v1/presence/" + url.PathEscape(c.IDs[0])
	if c.Viewer != "" {
		path += "?viewer=" + url.QueryEscape(c.Viewer)
	}
	answer, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var r record
	if err := json.Unmarshal(answer.body, &r); err != nil {
		return fmt.Errorf("the server's answer is not a record: %w", err)
	}
	now := time.Now()
	fmt.Fprintf(t.out, "%s  %s  %s\n", r.ParticipantID, dot(r.State, t.colourful()), ago(r.LastSeen, now))
	if r.Override != "" {
		fmt.Fprintf(t.out, "  override  %s\n", r.Override)
	}
	for _, d := range r.Devices {
		fmt.Fprintf(t.out, "  device    %s  %s  %s\n", d.DeviceID, d.Activity, ago(d.LastSeen, now))
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
	var states map[string]string
	if err := json.Unmarshal(answer.body, &states); err != nil {
		return fmt.Errorf("the server's answer is not a mapping of states: %w", err)
	}
	for _, id := range c.IDs {
		if state, ok := states[id]; ok {
			fmt.Fprintf(t.out, "%s  %s\n", dot(state, t.colourful()), id)
			delete(states, id)
		}
	}
	if answer.unknown != "" {
		fmt.Fprintf(t.err, "presence: %s of them could not be told; ask again\n", answer.unknown)
	}
	return nil
}

func printRaw(t terminal, answer *reply, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s\n", bytes.TrimSpace(answer.body))
	return err
}

// ago is a time in the words of a reader at now.
func ago(seen *time.Time, now time.Time) string {
	if seen == nil {
		return "never seen"
	}
	return "seen " + now.Sub(*seen).Truncate(time.Second).String() + " ago"
}
