package host

import (
	"errors"
	"fmt"
)

// Role is what a partition is to this node.
//
//	            Fill             Serve (promoted)
//	┌─ Absent ────────▶ Copy ──────────────────────▶ Serving
//	│    │         Claim │ ▲ Yield                    │  ▲
//	│    │ Merge         ▼ │                     Hold │  │ Serve
//	│    └────────────▶ Held ◀────────────────────────┘  │
//	│ Load               ▲ └─────────────────────────────┘
//	└──▶ Loading ────────┘ Lapse
//
// Drop makes every role Absent, and Serve may begin with nothing.
type Role uint8

// The roles. Only what is Serving takes writes, and only there devices expire.
const (
	Absent  Role = iota // nothing is here
	Loading             // it is read from a disk, before the host starts
	Copy                // it follows another node's
	Held                // its state is here, but not, or not surely, the right to serve it
	Serving             // it is this node's

	refused // in moves: the event is not legal
)

var roleNames = [...]string{"absent", "loading", "copy", "held", "serving"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", r)
}

// event is what may move a partition to another role.
type event uint8

const (
	load  event = iota // a disk has something of it
	lapse              // the disk has been read
	fill               // its owner sends all of it
	apply              // its owner sends what has changed
	merge              // another node hands over what it has
	serve              // this node begins to answer for it
	hold               // this node ceases to
	claim              // the owner of the copy has gone
	yield              // another node has taken over what is held
	drop               // nobody needs it here
)

var eventNames = [...]string{"load", "lapse", "fill", "apply", "merge", "serve", "hold", "claim", "yield", "drop"}

func (e event) String() string { return eventNames[e] }

// moves is the role that each event leads to. If it is the same role, the event means nothing: who
// decided on it knew the role of a moment ago, and a gap or a push has come between.
var moves = [...][refused]Role{
	//      Absent   Loading  Copy     Held     Serving
	load:  {Loading, Loading, refused, refused, refused},
	lapse: {Absent, Held, refused, refused, refused},
	fill:  {Copy, refused, Copy, refused, refused}, // what is held or served is more than a copy
	apply: {refused, refused, Copy, refused, refused},
	merge: {Held, refused, Held, Held, Serving},
	serve: {Serving, refused, Serving, Serving, Serving},
	hold:  {Absent, Loading, Copy, Held, Held}, // a gap holds everything
	claim: {Absent, refused, Held, Held, Serving},
	yield: {Absent, refused, Copy, Copy, Serving},
	drop:  {Absent, Absent, Absent, Absent, Absent},
}

// ErrRole is returned for a move that is not legal. Nothing has changed.
var ErrRole = errors.New("host: not in this role")

// after is the role that an event leads to.
func (r Role) after(e event) (Role, error) {
	if next := moves[e][r]; next != refused {
		return next, nil
	}
	return r, fmt.Errorf("%w: %v of what is %v", ErrRole, e, r)
}
