package gateway

import (
	"net/http"

	"github.com/go-json-experiment/json"
)

// getCluster is GET /v1/cluster.
func getCluster(c *call) error {
	type member struct {
		ID         string `json:"id"`
		Role       string `json:"role"`
		State      string `json:"state"`
		Partitions int    `json:"partitions"`
		Self       bool   `json:"self"`
	}
	d := c.s.config.Cluster.Describe()
	members := make([]member, len(d.Members))
	for i, m := range d.Members {
		members[i] = member(m)
	}
	body, err := json.Marshal(struct {
		Partitions  int      `json:"partitions"`
		Fingerprint string   `json:"fingerprint"`
		Moving      int      `json:"moving"`
		Members     []member `json:"members"`
	}{d.Partitions, d.Fingerprint, d.Moving, members})
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
