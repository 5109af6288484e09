package gateway

import (
	"net/http"

	"github.com/go-json-experiment/json"
)

// clusterReply is the answer to GET /v1/cluster.
type clusterReply struct {
	Partitions  int           `json:"partitions"`
	Fingerprint string        `json:"fingerprint"`
	Moving      int           `json:"moving"`
	Members     []memberReply `json:"members"`
	Owners      []int         `json:"owners"`
}

type memberReply struct {
	ID         string        `json:"id"`
	Role       string        `json:"role"`
	State      string        `json:"state"`
	Partitions int           `json:"partitions"`
	Self       bool          `json:"self"`
	Figures    *figuresReply `json:"figures,omitzero"` // nil: it did not answer in time
}

type figuresReply struct {
	Participants int   `json:"participants"`
	Devices      int   `json:"devices"`
	Heartbeats   int64 `json:"heartbeats"`
	Changes      int64 `json:"changes"`
}

// getCluster is GET /v1/cluster.
func getCluster(c *call) error {
	d, figures := c.s.config.Cluster.Describe(), c.s.config.Cluster.Figures(c.r.Context())
	reply := clusterReply{Partitions: d.Partitions, Fingerprint: d.Fingerprint, Moving: d.Moving, Owners: d.Owners}
	for _, m := range d.Members {
		member := memberReply{ID: m.ID, Role: m.Role, State: m.State, Partitions: m.Partitions, Self: m.Self}
		if f, ok := figures[m.ID]; ok {
			member.Figures = new(figuresReply(f))
		}
		reply.Members = append(reply.Members, member)
	}
	body, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	return c.json(body)
}

// getContract is GET /v1/openapi.yaml.
func getContract(c *call) error {
	c.send(http.StatusOK, "application/yaml", c.s.config.OpenAPI)
	return nil
}

// getDemo is GET /, the page to try presence with.
func getDemo(c *call) error {
	c.status = http.StatusOK
	c.s.config.Demo.ServeHTTP(c.w, c.r)
	return nil
}
