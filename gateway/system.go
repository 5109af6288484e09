package gateway

import "net/http"

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
