package gossip

import (
	"errors"
	"fmt"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard/codec"
)

// Role is what a node does.
type Role uint8

// The roles.
const (
	All     Role = iota // owns partitions and serves clients
	Shard               // owns partitions only
	Gateway             // serves clients only
)

var roleNames = [...]string{"all", "shard", "gateway"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", r)
}

// ParseRole reads "all", "shard" or "gateway".
func ParseRole(s string) (Role, error) {
	for i, n := range roleNames {
		if n == s {
			return Role(i), nil
		}
	}
	return 0, fmt.Errorf("role must be one of %q, not %.40q", roleNames, s)
}

// State is how far a node has come.
type State uint8

// The states, in the order of a node's life.
const (
	Joining  State = iota // owns nothing yet
	Serving               // owns its share
	Draining              // hands its share over
)

var stateNames = [...]string{"joining", "serving", "draining"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", s)
}

// Member is one boot of a node.
type Member struct {
	Name   link.Name
	Role   Role
	State  State
	Peer   string // address of its peer listener, host:port
	Speaks protocol.Range
	Report Report
}

// Equal reports whether two members are alike in everything.
func (m Member) Equal(o Member) bool {
	return m.Name == o.Name && m.Role == o.Role && m.State == o.State && m.Peer == o.Peer && m.Speaks == o.Speaks &&
		m.Report.Equal(o.Report)
}

// metaVersion stays as long as metadata begins as it does. Nodes know no other, and skip what is
// behind the report.
const metaVersion = 2

// maxMeta is how many bytes of metadata memberlist accepts.
const maxMeta = 512

// appendMeta writes what travels beside the name: version, role, state, the peer address and the
// text of the terms with their lengths, and the report.
func appendMeta(m Member, terms string) ([]byte, error) {
	room := maxMeta - (1 + 1 + 1 + 1 + 1) - m.Report.maxSize()
	if len(m.Peer) > 255 || len(terms) > 200 || len(m.Peer)+len(terms) > room {
		return nil, fmt.Errorf("gossip: peer address %.80q of %d bytes, constants of %d; "+
			"at most 255, 200, and together %d", m.Peer, len(m.Peer), len(terms), room)
	}
	b := codec.AppendText([]byte{metaVersion, byte(m.Role), byte(m.State)}, m.Peer)
	return m.Report.append(codec.AppendText(b, terms)), nil
}

var errMeta = errors.New("damaged metadata")

// parse reads what memberlist knows of a node: what appendMeta wrote, and beside it how many
// protocols the node speaks above its lowest.
func parse(n *memberlist.Node) (m Member, terms protocol.Terms, err error) {
	if m.Name, err = link.ParseName(n.Name); err != nil {
		return m, terms, err
	}
	r := codec.NewReader(n.Meta, errMeta)
	if r.Byte() != metaVersion {
		return m, terms, errors.New("metadata of another version")
	}
	m.Role, m.State = Role(r.OneOf(len(roleNames), "role")), State(r.OneOf(len(stateNames), "state"))
	m.Peer = r.Text()
	text := r.Text()
	m.Report = readReport(&r)
	if err := r.Err(); err != nil {
		return m, terms, err
	}
	terms, err = protocol.Read(text, n.DMax)
	m.Speaks = terms.Range
	return m, terms, err
}
