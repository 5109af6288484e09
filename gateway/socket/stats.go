package socket

// Stats are the server's figures; all but Open and Greeting count since the start. Every label is
// there from the beginning.
type Stats struct {
	Open        int64            // sockets now
	Opened      int64            // handshakes done
	Refused     int64            // connections above MaxConnections
	Greeting    int64            // sockets now that have shown no good token yet
	Greetings   int64            // refused above MaxGreetings
	ByAddress   int64            // refused above what Greetings has for an address
	Freed       int64            // cut without a hello, for a newcomer
	Messages    map[string]int64 // received, by type; "unknown" for what has none of the known ones
	Closes      map[string]int64 // by close code, and "peer" (the client closed or vanished), "silent", "aborted"
	Full        map[string]int64 // refused above what a participant may have, by whose: "participant", "service"
	Frames      int64            // queued to clients
	Changes     int64            // states told in them as changes
	Bytes       int64            // written, frame headers included
	RateLimited int64            // messages over a connection's rate
	Pings       int64            // sent to silent connections
	Pongs       int64            // answers to them
	Unattended  int64            // devices that became idle, as nothing else had come for UnattendedAfter
}

// Stats reads the figures.
func (s *Server) Stats() Stats {
	c := &s.counters
	st := Stats{
		Open: int64(s.Count()), Opened: c.opened.Load(), Refused: c.refused.Load(),
		Greetings: c.lobbyFull.Load(), ByAddress: c.lobbyAddress.Load(), Freed: c.lobbyFreed.Load(),
		Messages: make(map[string]int64), Closes: make(map[string]int64),
		Full:   map[string]int64{"participant": c.fullParticipants.Load(), "service": c.fullServices.Load()},
		Frames: c.frames.Load(), Changes: c.changes.Load(), Bytes: c.bytes.Load(),
		RateLimited: c.rateLimited.Load(), Pings: c.pings.Load(), Pongs: c.pongs.Load(),
		Unattended: c.unattended.Load(),
	}
	st.Greeting = st.Open - int64(s.Seated())
	for k := range c.messages {
		st.Messages[kind(k).String()] = c.messages[k].Load()
	}
	for i := range closeCodes {
		st.Closes[closeCodes[i].code.label()] = c.closes[i].Load()
	}
	return st
}

// OfTenants is how many sockets each of Config.Tenants has now, of those that have said hello.
func (s *Server) OfTenants() map[string]int64 { return s.registry.ofTenants() }

func (c *counters) closed(code closeCode) {
	c.closes[code.index()].Add(1)
}
