package gateway

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/message"
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
	n := s.node.Stats()
	return slices.Concat(
		s.nodeFigures(&n), s.memoryFigures(), peerFigures(&n), linkFigures(&n),
		s.hubFigures(), s.socketFigures(), s.entranceFigures(), s.keyFigures(), s.tenantFigures(),
		s.authorizeFigures(),
	)
}

func (s *Server) nodeFigures(n *cluster.Stats) []figure {
	return []figure{
		gauge("presence_ready", int64(message.Bool(s.Ready() == nil)), "1: /readyz says 200. 0: it says why not."),
		gauge("presence_participants", int64(n.Participants),
			"Participants on this node's partitions, remembered ones included."),
		gauge("presence_devices", int64(n.Devices), "Live devices on this node's partitions."),
		gauge("presence_records", int64(n.Records),
			"Devices on this node's partitions, remembered ones included."),
		gauge("presence_overrides", int64(n.Overrides), "Overrides on this node's partitions."),
		gauge("presence_dm_windows", int64(n.Windows),
			"Sides of open direct-message windows on this node's partitions."),
		gauge("presence_erasures", int64(n.Erasures),
			"Erasures that this node's partitions remember: one for its participant, and one for each "+
				"partition in which others had a window with it."),
		gauge("presence_partitions", int64(n.Partitions), "Partitions that this node holds."),
		counter("presence_heartbeats_total", n.Heartbeats, "Heartbeats applied by this node's partitions."),
		counter("presence_announces_total", n.Announces, "Devices announced by name with a session."),
		counter("presence_stale_handles_total", n.Moved,
			"Heartbeats by a stale handle; the device was announced again."),
		counter("presence_looks_changed_total", n.Changes,
			"Participants of this node's partitions whose look changed, watched or not."),
		counter("presence_exceptions_asked_anew_total", n.AskedAnew,
			"Ids about whose viewers a gateway had to ask this node anew, as more windows opened and closed at "+
				"once than are told one by one."),
		counter("presence_stalls_total", n.Stalls, "Times in which the process stood still for over a second."),
	}
}

func (s *Server) hubFigures() []figure {
	h := s.hub.Stats()
	return []figure{
		gauge("presence_watched_ids", h.Topics, "Ids that are watched through this gateway."),
		gauge("presence_subscriptions", h.Subscriptions, "Pairs of a connection and an id that it watches."),
		counter("presence_updates_total", h.Updates, "New looks of watched ids that came from owners."),
		counter("presence_deliveries_total", h.Changes, "Changes handed to sockets and event streams."),
		gauge("presence_event_streams", int64(s.streams.count()), "Open event streams."),
		gauge("presence_rate_limited_participants", int64(s.rates.size()),
			"Participants whose requests are being counted."),
		gauge("presence_ids_rated_participants", int64(s.idRates.size()),
			"Participants whose ids are being counted."),
		gauge("presence_strangers_counted", int64(s.strangers.size()),
			"Pairs of a viewer and a participant to whom it is a stranger that count against the limit."),
	}
}

func (s *Server) socketFigures() []figure {
	st := s.sockets.Stats()
	return []figure{
		gauge("presence_sockets", st.Open, "Open WebSockets."),
		gauge("presence_sockets_greeting", st.Greeting,
			"Open WebSockets that have not shown a good token yet."),
		counter("presence_sockets_greeting_freed_total", st.Freed, "Of these, cut for a newcomer."),
		counter("presence_sockets_opened_total", st.Opened, "WebSocket handshakes done."),
		counterBy("presence_sockets_closed_total", "code", st.Closes,
			"WebSockets closed, by close code; 4005 is a slow consumer."),
		counterBy("presence_sockets_full_total", "limit", st.Full,
			"WebSockets refused because the participant has as many as it may, by whose limit it is."),
		counterBy("presence_socket_messages_total", "type", st.Messages, "Messages from WebSockets, by type."),
		counter("presence_socket_rate_limited_total", st.RateLimited, "Messages over a connection's rate."),
		counter("presence_socket_frames_total", st.Frames, "Frames queued to WebSockets."),
		counter("presence_socket_changes_total", st.Changes, "Changes told in those frames."),
		counter("presence_socket_sent_bytes_total", st.Bytes,
			"Bytes written to WebSockets, frame headers included."),
		counter("presence_socket_pings_total", st.Pings, "Pings sent to silent WebSockets."),
		counter("presence_socket_pongs_total", st.Pongs, "Answers to pings."),
		counter("presence_socket_unattended_total", st.Unattended,
			"Devices that became idle, as their socket had only answered pings for --unattended-after."),
	}
}

// keyFigures are those of the issuer's keys; zero where none are fetched.
func (s *Server) keyFigures() []figure {
	k, _ := auth.KeysOf(s.config.Auth)
	return []figure{
		counterBy("presence_jwks_fetches_total", "result", map[string]int64{"ok": k.Fetched, "failed": k.Failed},
			"Fetches of the issuer's keys, by how they ended."),
		gauge("presence_jwks_held_tokens", k.Held, "Tokens that wait for a fetch to bring their key."),
		counter("presence_jwks_held_refused_total", k.TurnedAway,
			"Tokens with an unknown key that could not wait, as too many did."),
	}
}
