package gateway

import (
	"errors"
	"testing"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/link"
)

// TestPeerMetricsAreThereAtZero: an alert on a series that appears with its first event misses that
// event.
func TestPeerMetricsAreThereAtZero(t *testing.T) {
	g := newGate(t)
	for series, want := range map[string]string{
		`presence_ready`:                                   "1",
		`presence_members{state="seen"}`:                   "1",
		`presence_members{state="expected"}`:               "0",
		`presence_peer_links_missing{class="hot"}`:         "0",
		`presence_peer_links_missing{class="events"}`:      "0",
		`presence_peer_links_missing{class="bulk"}`:        "0",
		`presence_peer_calls{lane="quick"}`:                "0",
		`presence_peer_calls_limit{lane="write"}`:          "1024",
		`presence_peer_calls_refused_total{lane="onward"}`: "0",
		`presence_facts_waiting_limit`:                     "1024",
		`presence_facts_refused_total`:                     "0",

		`presence_unproven_connections{port="gossip"}`:            "0",
		`presence_unproven_connections_limit{port="peer"}`:        "512",
		`presence_unproven_connections_closed_total{port="peer"}`: "0",
		`presence_gossip_large_packets_total`:                     "0",
	} {
		if got := g.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
}

// TestPeerMetrics: each of the node's figures is at its place.
func TestPeerMetrics(t *testing.T) {
	g := newGate(t, func(c *Config) {
		c.Ready = func() error { return errors.New("not yet") }
		c.Cluster = shown{Cluster: c.Cluster, stats: cluster.Stats{
			Members: 2, Expected: 3, Suspicions: 4, Relayed: 5, FactsWaiting: 6, FactsRefused: 7,
			LinksMissing: map[string]int{"hot": 8, "bulk": 9},
			Lanes:        map[string]link.LaneFigures{"write": {Running: 10, Limit: 11, Refused: 12}},
			Ports:        map[string]cluster.PortFigures{"peer": {Open: 13, Limit: 14, Closed: 15}}, LargePackets: 16,
		}}
	})
	for series, want := range map[string]string{
		`presence_ready`:                                  "0",
		`presence_members{state="seen"}`:                  "2",
		`presence_members{state="expected"}`:              "3",
		`presence_peer_suspicions_total`:                  "4",
		`presence_peer_relayed_calls_total`:               "5",
		`presence_facts_waiting`:                          "6",
		`presence_facts_refused_total`:                    "7",
		`presence_peer_links_missing{class="hot"}`:        "8",
		`presence_peer_links_missing{class="bulk"}`:       "9",
		`presence_peer_calls{lane="write"}`:               "10",
		`presence_peer_calls_limit{lane="write"}`:         "11",
		`presence_peer_calls_refused_total{lane="write"}`: "12",

		`presence_unproven_connections{port="peer"}`:              "13",
		`presence_unproven_connections_limit{port="peer"}`:        "14",
		`presence_unproven_connections_closed_total{port="peer"}`: "15",
		`presence_gossip_large_packets_total`:                     "16",
	} {
		if got := g.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
}
