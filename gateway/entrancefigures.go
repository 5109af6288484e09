package gateway

import "github.com/scaiwave/presence/gateway/admit"

// entranceFigures are what is counted of connections and requests before anybody knows who sends them.
func (s *Server) entranceFigures() []figure {
	e := s.entrance
	public, admin := statsOf(e.public.Load()), statsOf(e.admin.Load())
	return []figure{
		{name: "presence_open_connections", help: "Connections of a listener, of whatever kind.", kind: gauge, label: "listener", values: map[string]int64{"public": public.Open, "admin": admin.Open}},
		{name: "presence_open_connections_limit", help: "How many there may be.", kind: gauge, label: "listener", values: map[string]int64{
			"public": int64(e.limits.MaxOpen), "admin": int64(e.limits.MaxAdmin),
		}},
		{name: "presence_open_addresses", help: "Client addresses that have a connection and are limited.", kind: gauge, value: int64(e.open.Addresses())},
		{name: "presence_connections_freed_total", help: "Waiting connections closed for a newcomer.", kind: counter, label: "listener", values: map[string]int64{
			"public": public.Freed, "admin": admin.Freed,
		}},
		{name: "presence_admission_refused_total", help: "Connections and requests refused before anybody knows who sends them, by limit.", kind: counter, label: "limit", values: s.admissionRefused(&public, &admin)},
		{name: "presence_header_memory_bytes", help: "Bytes that large headers have drawn.", kind: gauge, value: e.headers.Budget().Used()},
		{name: "presence_header_memory_limit_bytes", help: "How many they may.", kind: gauge, value: e.headers.Budget().Limit()},
		{name: "presence_refusals_held_total", help: "Refusals that were held back for a second.", kind: counter, value: e.held.Load()},
		{name: "presence_anonymous_addresses", help: "Client addresses whose answers without a good token are being counted.", kind: gauge, value: int64(e.anonymous.size())},
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
