package cluster

import "slices"

// Links is what is known of the links of a pair of members.
type Links string

// What is known.
const (
	LinksWork    Links = "work"    // both ends say so
	LinksBroken  Links = "broken"  // an end says that some are missing, by itself or by gossip
	LinksUnknown Links = "unknown" // an end did not answer, and nothing speaks against them
)

// Pair is two members, by the order of their ids, and their links as each of them sees these.
type Pair struct {
	Links Links
	Ends  [2]End
}

// End is what one member of a pair says of its links to the other one.
type End struct {
	ID       string
	Answered bool     // in time; if not, only its gossip speaks for it
	Unseen   bool     // the other one isn't among its members
	Missing  []string // classes of which no connection works, of all three none if the other one is Unseen
	Reported bool     // it has said by gossip that the links are broken
}

// Pairs are all pairs of the members, with what each end says: in its figures, and by gossip.
func Pairs(d Description, figures map[string]Figures) (all []Pair) {
	for i, a := range d.Members {
		for _, b := range d.Members[i+1:] {
			p := Pair{Ends: [2]End{endOf(a, b, figures), endOf(b, a, figures)}}
			p.Links = p.judge()
			all = append(all, p)
		}
	}
	return all
}

func endOf(m, other Member, figures map[string]Figures) End {
	e := End{ID: m.ID, Reported: m.Apart || slices.Contains(m.Broken, other.ID)}
	f, ok := figures[m.ID]
	if !ok {
		return e
	}
	missing, sees := f.Links[other.ID]
	e.Answered, e.Missing, e.Unseen = true, missing, !sees
	return e
}

func (p *Pair) judge() Links {
	links := LinksWork
	for _, e := range p.Ends {
		switch {
		case len(e.Missing) > 0 || e.Unseen || e.Reported && !e.Answered:
			return LinksBroken
		case !e.Answered:
			links = LinksUnknown
		}
	}
	return links
}
