package handoff

import (
	"fmt"

	"github.com/scaiwave/presence/cluster/link"
)

// verb is a kind of action.
type verb byte

const (
	ask      verb = iota // the others what they hold of it
	serve                // what is here
	doubt                // serve, where others may know more
	distrust             // serve, where others do
	warm                 // serve what was lost
	miss                 // something that was acknowledged
	assign               // a peer as the backup; the zero name: there is none
	hold                 // what was served, as the others have gone on
	push                 // to a peer, who owns it
	leave                // a copy behind: a peer is the backup now
	drop                 // a copy, once a peer, who owns it, says that its backup has everything
	fetch                // everything from a peer, who owns it
)

var verbs = [...]string{
	"ask", "serve", "doubt", "distrust", "warm", "miss", "assign", "hold", "push", "leave", "drop", "fetch",
}

func (v verb) String() string { return verbs[v] }

// action is something to be done about a partition.
type action struct {
	do        verb
	partition int
	peer      link.Name // as the verb says
	promotes  bool      // a copy, by serving it
}

func (a action) String() string {
	text := fmt.Sprint(a.do, " ", a.partition)
	if a.promotes {
		text += ", a copy"
	}
	if a.peer != (link.Name{}) {
		text += " " + a.peer.ID
	}
	return text
}

type actions []action

// of are those of a kind.
func (all actions) of(v verb) (some actions) {
	for _, a := range all {
		if a.do == v {
			some = append(some, a)
		}
	}
	return some
}

// byPeer are the partitions of each peer.
func (all actions) byPeer() map[link.Name][]int {
	partitions := make(map[link.Name][]int)
	for _, a := range all {
		partitions[a.peer] = append(partitions[a.peer], a.partition)
	}
	return partitions
}
