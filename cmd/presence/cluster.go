package main

import (
	"context"
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
)

type clusterCommand struct {
	JSON bool `name:"json" help:"Print the server's answer."`

	serverSettings `embed:""`
}

// clusterReply is what GET /v1/cluster answers.
type clusterReply struct {
	Partitions  int    `json:"partitions"`
	Fingerprint string `json:"fingerprint"`
	Moving      int    `json:"moving"`
	Members     []struct {
		ID         string `json:"id"`
		Role       string `json:"role"`
		State      string `json:"state"`
		Partitions int    `json:"partitions"`
		Self       bool   `json:"self"`
	} `json:"members"`
}

// Run asks one node how it sees the cluster, and prints that.
func (c *clusterCommand) Run(ctx context.Context, t terminal) error {
	answer, err := c.call(ctx, http.MethodGet, "/v1/cluster", nil)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var r clusterReply
	if err := json.Unmarshal(answer.body, &r); err != nil {
		return fmt.Errorf("the server's answer is not a cluster: %w", err)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NODE\tROLE\tSTATE\tPARTITIONS\tSHARE\t")
	for _, m := range r.Members {
		mark := ""
		if m.Self {
			mark = "answered"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.1f %%\t%s\n", m.ID, m.Role, m.State, m.Partitions, 100*float64(m.Partitions)/float64(r.Partitions), mark)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\ntable %s, %d partitions, %d of them on their way to or from this node\n", r.Fingerprint, r.Partitions, r.Moving)
	return nil
}
