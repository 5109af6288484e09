package admit

var limitNames = [numLimits]string{
	"connections", "address_connections", "header_memory", "transfer_rate", "proxy_header",
}

func (c *counts) refuse(why limit) { c.refusals[why].Add(1) }

// Stats are a Listener's figures; all but Open count since the start. Every label is there from the
// beginning.
type Stats struct {
	Open    int64            // connections now
	Freed   int64            // waiting connections whose place went to a newcomer
	Refused map[string]int64 // connections that were ended, by limit
}

// NoStats are those of a listener that is not there: every label, and nothing counted.
func NoStats() Stats {
	s := Stats{Refused: make(map[string]int64, numLimits)}
	for _, name := range limitNames {
		s.Refused[name] = 0
	}
	return s
}

// Stats reads the figures.
func (l *Listener) Stats() Stats {
	s := NoStats()
	s.Open, s.Freed = int64(l.Open()), l.counts.freed.Load()
	for i := range l.counts.refusals {
		s.Refused[limitNames[i]] = l.counts.refusals[i].Load()
	}
	return s
}
