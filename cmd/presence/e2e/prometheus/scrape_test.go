package prometheus

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/target"
)

const scrapeConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: presence
    static_configs: [{targets: [%q]}]
`

// TestPrometheusScrapes: the server takes what a node gives it, in protobuf with native histograms
// and as OpenMetrics.
func TestPrometheusScrapes(t *testing.T) {
	t.Parallel()
	n := node(t)
	admin := strings.TrimPrefix(n.Admin, "http://")
	for _, tt := range []struct {
		name  string
		flags []string
		query string // of the histogram
	}{
		{
			"native",
			[]string{"--enable-feature=native-histograms"},
			`histogram_count(presence_http_request_seconds{route="/v1/presence",method="GET"})`,
		},
		{"OpenMetrics", nil, `presence_http_request_seconds_count{route="/v1/presence",method="GET"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := server(t, admin, tt.flags...)
			for query, value := range map[string]string{
				`up{job="presence"}`: "1", tt.query: "11", `count(presence_build_info{goversion=~"go1.+"})`: "1",
				`presence_http_requests_total{route="/v1/presence",method="GET",status="200"}`: "10",
			} {
				said := ""
				eventually(t, fmt.Sprintf("%s is %s", query, value), func() bool {
					said = get(t, p+"/api/v1/query?query="+url.QueryEscape(query), "")
					return strings.Contains(said, fmt.Sprintf(`,%q]`, value))
				})
			}
		})
	}
}

// server starts Prometheus, and returns its URL.
func server(t *testing.T, scraped string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, scrapeConfig, scraped), 0o600); err != nil {
		t.Fatal(err)
	}
	at, err := target.Ports(1)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), need(t, "prometheus"),
		append(flags, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+at[0], "--log.level=error")...)
	var log strings.Builder
	c.Stdout, c.Stderr = &log, &log
	if err := target.StartOn(nil, c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("prometheus says: %s", log.String())
		}
	})
	return "http://" + at[0]
}
