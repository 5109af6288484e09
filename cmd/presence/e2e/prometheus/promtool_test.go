package prometheus

import (
	"os/exec"
	"strings"
	"testing"
)

// TestPromtoolHasNoComplaint: names, units and help are as Prometheus wants them.
func TestPromtoolHasNoComplaint(t *testing.T) {
	t.Parallel()
	promtool := need(t, "promtool")
	page := get(t, node(t).Admin+"/metrics", "")
	check := func(page string) (string, error) {
		c := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		c.Stdin = strings.NewReader(page)
		said, err := c.CombinedOutput()
		return string(said), err
	}
	if said, err := check(page); err != nil || said != "" {
		t.Errorf("promtool: %v: %s", err, said)
	}
	if said, err := check(page + "presence_things 1\n"); err == nil && said == "" {
		t.Error("promtool has no complaint about a metric without help")
	}
}
