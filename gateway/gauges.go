package gateway

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/auth"
)

// gauges reads, at each scrape, what others count anyway.
type gauges struct{ s *Server }

// Describe is prometheus.Collector's.
func (g gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range g.s.figures() {
		ch <- f.desc()
	}
}

// Collect is prometheus.Collector's.
func (g gauges) Collect(ch chan<- prometheus.Metric) {
	for _, f := range g.s.figures() {
		if f.label == "" {
			ch <- prometheus.MustNewConstMetric(f.desc(), f.kind, float64(f.value))
			continue
		}
		for _, v := range slices.Sorted(maps.Keys(f.values)) {
			ch <- prometheus.MustNewConstMetric(f.desc(), f.kind, float64(f.values[v]), v)
		}
	}
}

func (s *Server) figures() []figure {
	n := s.config.Cluster.Stats()
	return slices.Concat(
		s.nodeFigures(&n), s.memoryFigures(), peerFigures(&n), linkFigures(&n), s.hubFigures(), s.socketFigures(), s.entranceFigures(), s.keyFigures(),
	)
}

func (s *Server) nodeFigures(n *cluster.Stats) []figure {
	ready := int64(0)
	if s.Ready() == nil {
		ready = 1
	}
	return []figure{
		{name: "presence_ready", help: "1: /readyz says 200. 0: it says why not.", kind: gauge, value: ready},
		{name: "presence_participants", help: "Participants on this node's partitions, remembered ones included.", kind: gauge, value: int64(n.Participants)},
		{name: "presence_devices", help: "Live devices on this node's partitions.", kind: gauge, value: int64(n.Devices)},
		{name: "presence_records", help: "Devices on this node's partitions, remembered ones included.", kind: gauge, value: int64(n.Records)},
		{name: "presence_overrides", help: "Overrides on this node's partitions.", kind: gauge, value: int64(n.Overrides)},
		{name: "presence_dm_windows", help: "Sides of open direct-message windows on this node's partitions.", kind: gauge, value: int64(n.Windows)},
		{name: "presence_erasures", help: "Erasures that this node's partitions remember: one for its participant, and one for each partition in which others had a window with it.", kind: gauge, value: int64(n.Erasures)},
		{name: "presence_partitions", help: "Partitions that this node holds.", kind: gauge, value: int64(n.Partitions)},
		{name: "presence_heartbeats_total", help: "Heartbeats applied by this node's partitions.", kind: counter, value: n.Heartbeats},
		{name: "presence_announces_total", help: "Devices announced by name with a session.", kind: counter, value: n.Announces},
		{name: "presence_stale_handles_total", help: "Heartbeats by a stale handle; the device was announced again.", kind: counter, value: n.Moved},
		{name: "presence_looks_changed_total", help: "Participants of this node's partitions whose look changed, watched or not.", kind: counter, value: n.Changes},
		{name: "presence_exceptions_asked_anew_total", help: "Ids about whose viewers a gateway had to ask this node anew, as more windows opened and closed at once than are told one by one.", kind: counter, value: n.AskedAnew},
		{name: "presence_stalls_total", help: "Times in which the process stood still for over a second.", kind: counter, value: n.Stalls},
	}
}

func (s *Server) hubFigures() []figure {
	h := s.hub.Stats()
	return []figure{
		{name: "presence_watched_ids", help: "Ids that somebody watches through this gateway.", kind: gauge, value: h.Topics},
		{name: "presence_subscriptions", help: "Pairs of a connection and an id that it watches.", kind: gauge, value: h.Subscriptions},
		{name: "presence_updates_total", help: "New looks of watched ids that came from owners.", kind: counter, value: h.Updates},
		{name: "presence_deliveries_total", help: "Changes handed to sockets and event streams.", kind: counter, value: h.Changes},
		{name: "presence_event_streams", help: "Open event streams.", kind: gauge, value: int64(s.streams.count())},
		{name: "presence_rate_limited_participants", help: "Participants whose requests are being counted.", kind: gauge, value: int64(s.rates.size())},
		{name: "presence_ids_rated_participants", help: "Participants whose ids are being counted.", kind: gauge, value: int64(s.idRates.size())},
	}
}

func (s *Server) socketFigures() []figure {
	st := s.sockets.Stats()
	return []figure{
		{name: "presence_sockets", help: "Open WebSockets.", kind: gauge, value: st.Open},
		{name: "presence_sockets_greeting", help: "Open WebSockets that have not shown a good token yet.", kind: gauge, value: st.Greeting},
		{name: "presence_sockets_greeting_freed_total", help: "Of these, cut for a newcomer.", kind: counter, value: st.Freed},
		{name: "presence_sockets_opened_total", help: "WebSocket handshakes done.", kind: counter, value: st.Opened},
		{name: "presence_sockets_closed_total", help: "WebSockets closed, by close code; 4005 is a slow consumer.", kind: counter, label: "code", values: st.Closes},
		{name: "presence_sockets_full_total", help: "WebSockets refused because the participant has as many as it may, by whose limit it is.", kind: counter, label: "limit", values: st.Full},
		{name: "presence_socket_messages_total", help: "Messages from WebSockets, by type.", kind: counter, label: "type", values: st.Messages},
		{name: "presence_socket_rate_limited_total", help: "Messages over a connection's rate.", kind: counter, value: st.RateLimited},
		{name: "presence_socket_frames_total", help: "Frames queued to WebSockets.", kind: counter, value: st.Frames},
		{name: "presence_socket_changes_total", help: "Changes told in those frames.", kind: counter, value: st.Changes},
		{name: "presence_socket_sent_bytes_total", help: "Bytes written to WebSockets, frame headers included.", kind: counter, value: st.Bytes},
		{name: "presence_socket_pings_total", help: "Pings sent to silent WebSockets.", kind: counter, value: st.Pings},
		{name: "presence_socket_pongs_total", help: "Answers to pings.", kind: counter, value: st.Pongs},
		{name: "presence_socket_unattended_total", help: "Devices that became idle, as their socket had only answered pings for --unattended-after.", kind: counter, value: st.Unattended},
	}
}

// keyFigures are those of the issuer's keys; zero where none are fetched.
func (s *Server) keyFigures() []figure {
	k, _ := auth.KeysOf(s.config.Auth)
	return []figure{
		{
			name: "presence_jwks_fetches_total", help: "Fetches of the issuer's keys, by how they ended.", kind: counter, label: "result",
			values: map[string]int64{"ok": k.Fetched, "failed": k.Failed},
		},
		{name: "presence_jwks_held_tokens", help: "Tokens that wait for a fetch to bring their key.", kind: gauge, value: k.Held},
		{name: "presence_jwks_held_refused_total", help: "Tokens with an unknown key that could not wait, as too many did.", kind: counter, value: k.TurnedAway},
	}
}
