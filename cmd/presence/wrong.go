package main

import (
	"fmt"
	"strings"
)

// maxWrongPairs is how many pairs are named: a node that is cut off has as many as there are
// others.
const maxWrongPairs = 20

// wrong are lines about what is not as it should be: the pairs, then the nodes.
func (r *clusterReply) wrong() (lines []string) {
	more := 0
	for _, p := range r.Pairs {
		switch {
		case p.Links != "broken":
		case len(lines) == maxWrongPairs:
			more++
		default:
			lines = append(lines, p.wrong())
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more pairs", more))
	}
	for _, m := range r.Members {
		lines = append(lines, m.wrong()...)
	}
	return lines
}

func (m *memberReply) wrong() (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, m.ID+": "+fmt.Sprintf(format, args...)) }
	if m.Figures == nil {
		say("no answer within 300 ms")
	}
	if len(m.SuspectedBy) > 0 {
		say("suspected by %s: it does not answer their gossip", strings.Join(m.SuspectedBy, ", "))
	}
	if m.Out && m.NotReady == "" {
		say("left out of the ring, as its links are broken")
	}
	if m.NotReady != "" {
		say("not ready: %s", m.NotReady)
	}
	if m.Remark != "" {
		say("%s", m.Remark)
	}
	return lines
}

// wrong is such as "n2 ⇄ n3: no links (n2 says no links, n3 does not answer)".
func (p *pairReply) wrong() string {
	what := "links missing"
	said := make([]string, len(p.Ends))
	for i, e := range p.Ends {
		words := e.words()
		said[i] = e.Node + " " + words
		if words == saysNone {
			what = "no links"
		}
	}
	return fmt.Sprintf("%s ⇄ %s: %s (%s)", p.Nodes[0], p.Nodes[1], what, strings.Join(said, ", "))
}

const (
	saysNone = "says no links"
	classes  = 3 // hot, events, bulk
)

func (e *endReply) words() string {
	switch {
	case !e.Answered && e.Reported:
		return "does not answer, but has reported them broken"
	case !e.Answered:
		return "does not answer"
	case e.Unseen:
		return "does not see it"
	case len(e.Missing) >= classes:
		return saysNone
	case len(e.Missing) > 0:
		return "says no " + strings.Join(e.Missing, " and no ") + " link"
	default:
		return "says they work"
	}
}
