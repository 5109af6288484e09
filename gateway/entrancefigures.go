package gateway

import "github.com/scaiwave/presence/gateway/admit"

// entranceFigures are what is counted of connections and requests before anybody knows who sends
// them.
func (s *Server) entranceFigures() []figure {
	e := s.entrance
	public, admin := statsOf(e.public.Load()), statsOf(e.admin.Load())
	return []figure{
		gaugeBy("presence_open_connections", "listener", map[string]int64{"public": public.Open, "admin": admin.Open},
			"Connections of a listener, of whatever kind."),
		gaugeBy("presence_open_connections_limit", "listener", map[string]int64{
			"public": int64(e.limits.MaxOpen), "admin": int64(e.limits.MaxAdmin),
		}, "How many there may be."),
		gauge("presence_open_addresses", int64(e.open.Addresses()),
			"Client addresses that have a connection and are limited."),
		counterBy("presence_connections_freed_total", "listener", map[string]int64{
			"public": public.Freed, "admin": admin.Freed,
		}, "Waiting connections closed for a newcomer."),
		counterBy("presence_admission_refused_total", "limit", s.admissionRefused(&public, &admin),
			"Connections and requests refused before anybody knows who sends them, by limit."),
		gauge("presence_header_memory_bytes", e.headers.Budget().Used(),
			"Bytes that large headers have drawn."),
		gauge("presence_header_memory_limit_bytes", e.headers.Budget().Limit(), "How many they may."),
		counter("presence_refusals_held_total", e.held.Load(), "Refusals that were held back for a second."),
		gauge("presence_anonymous_addresses", int64(e.anonymous.size()),
			"Client addresses whose answers without a good token are being counted."),
	}
}

func statsOf(l *admit.Listener) admit.Stats {
	if l == nil {
		return admit.NoStats()
	}
	return l.Stats()
}

// admissionRefused is all that was refused, by limit. The labels are the same from the beginning.
func (s *Server) admissionRefused(public, admin *admit.Stats) map[string]int64 {
	e, st := s.entrance, s.sockets.Stats()
	all := public.Refused
	all["admin_connections"] = admin.Refused["connections"]
	all["header_memory"] += e.noMemory.Load()
	all["address_requests"] = e.tooMany.Load()
	all["anonymous_rate"] = e.tooFast.Load()
	all["greetings"] = st.Greetings
	all["address_greetings"] = st.ByAddress
	return all
}
