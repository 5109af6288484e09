package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"text/tabwriter"
)

type clusterCommand struct {
	JSON bool `name:"json" help:"Print the server's answer."`

	serverSettings `embed:""`
}

// clusterReply is what GET /v1/cluster answers.
type clusterReply struct {
	Partitions  int           `json:"partitions"`
	Fingerprint string        `json:"fingerprint"`
	Moving      int           `json:"moving"`
	Members     []memberReply `json:"members"`
	Pairs       []pairReply   `json:"pairs"`
}

type memberReply struct {
	ID          string   `json:"id"`
	Role        string   `json:"role"`
	State       string   `json:"state"`
	Partitions  int      `json:"partitions"`
	Self        bool     `json:"self"`
	Out         bool     `json:"out"`
	Version     string   `json:"version"`
	NotReady    string   `json:"not_ready"`
	Remark      string   `json:"remark"`
	SuspectedBy []string `json:"suspected_by"`
	Figures     *struct {
		Participants int `json:"participants"`
		Devices      int `json:"devices"`
		Sockets      int `json:"sockets"`
	} `json:"figures"` // nil: it did not answer
}

type pairReply struct {
	Nodes [2]string  `json:"nodes"`
	Links string     `json:"links"`
	Ends  []endReply `json:"ends"`
}

type endReply struct {
	Node     string   `json:"node"`
	Answered bool     `json:"answered"`
	Missing  []string `json:"missing"`
	Unseen   bool     `json:"unseen"`
	Reported bool     `json:"reported"`
}

// Run asks one node how it sees the cluster, and prints that.
func (c *clusterCommand) Run(ctx context.Context, t terminal) error {
	answer, err := c.call(ctx, http.MethodGet, "/v1/cluster", nil)
	if err != nil || c.JSON {
		return printRaw(t, answer, err)
	}
	var r clusterReply
	if err := answer.Decode(&r); err != nil {
		return err
	}
	return r.print(t.out)
}

// print writes a line for each node, and one for each thing that is wrong.
func (r *clusterReply) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NODE\tROLE\tSTATE\tPARTITIONS\tSHARE\tPARTICIPANTS\tDEVICES\tSOCKETS\tVERSION")
	for _, m := range r.Members {
		share := 100 * float64(m.Partitions) / float64(r.Partitions)
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.1f %%\t%s\n", m.ID, m.Role, m.State, m.Partitions, share, m.ownWords())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\ntable %s, %d partitions, %d of them on their way to or from this node\n",
		r.Fingerprint, r.Partitions, r.Moving)
	for i, line := range r.wrong() {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, line)
	}
	return nil
}

// ownWords are the columns that only the node itself can fill.
func (m *memberReply) ownWords() string {
	participants, devices, sockets, version := "-", "-", "-", "-"
	if f := m.Figures; f != nil {
		participants, devices, sockets = strconv.Itoa(f.Participants), strconv.Itoa(f.Devices), strconv.Itoa(f.Sockets)
	}
	if m.Version != "" {
		version = m.Version
	}
	if m.Self {
		version += "\tanswered"
	}
	return participants + "\t" + devices + "\t" + sockets + "\t" + version
}
