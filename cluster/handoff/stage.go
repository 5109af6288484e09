package handoff

import "github.com/scaiwave/presence/cluster/link"

// stage is how far a cluster has come. It has formed when each partition has been served by some
// node. From then on a partition that nobody holds is lost: it warms, and a participant that isn't
// known is unknown. Before that it is new, and empty.
//
// Begun is not enough. Of nodes that start at once the first one to begin would tell the last one
// that what nobody holds is lost. A node that stands still in its first round has lost nothing, and
// neither have three that start at once of which one is slow. A gateway has formed once it has seen
// owners serve for gatewayForms. A silent node may have formed, but not one that is still joining.
//
// A node that was given seeds, and has met nobody, doubts: the cluster that it was to join may be
// there and know more. A participant that it doesn't know is unknown, for waitForOthers at most.
// If its disk says that it was among others before, they do know more, and what it has is
// distrusted for as long.
//
// When it meets others, it holds what it has until it has asked them. A gateway there would show a
// participant by its devices alone, which it announces again, though another node knows what it has
// picked, or that it is an AI. If the cluster has formed there, what this node has is outdated. If
// they are new too, the doubt ends.
//
// A cluster that has formed waitForOthers ago is ripe. What others have that were away for a day is
// dropped only there: who is there has forgotten what these would bring back. Before that it may be
// that all were stopped, and some start later than others: then what their disks have counts,
// whatever its age. A node with an old disk gives nothing of it away, and takes nothing, until all
// others have said, or had the time to, whether the cluster is ripe. A node that is silent says
// nothing of that. Neither do gateways: they remember what was before a stop of all owners.
//
// What a disk has is complete if all nodes were stopped. Where the cluster has formed, others have
// served since: then something may be missing in it, as all may where a disk has nothing. Else an
// id of which nothing is there could be told from those of which something is.
//
// Each partition of a cluster is on two disks, with nobody in it, too; on one, where nodes were
// stopped one after the other: the last one has all. So if this node was among others, and the
// cluster has not formed again, what none of those holds that are here is away, at nodes that are
// missing. It is distrusted until one of them has come, for waitForOthers at most. Nodes of
// protocol 6 didn't keep that nobody is there: where the disk is of such a time, nothing is away
// for all that is known.
type stage byte

const (
	starting stage = iota // nothing is known
	begun                 // in one round this node has served all that it owns, and no other said that it had formed
	formed                // all owners have begun, as they say when they are asked; or one says that it has formed
	fresh                 // only said to others: formed, and not ripe
)

// answer is what another node says of itself, and of what it holds of what this one owns.
type answer struct {
	came, same bool // at all; and under the same key, without which the rest is nothing
	stage      stage
	ripe       bool
	held       []int
}

// silent is what is taken for the answer of a node that gives none.
func silent(r ring, name link.Name) (a answer) {
	if !r.IsJoining(name) {
		a.stage = formed
	}
	return a
}
