package shard

import "encoding/binary"

// A partition goes to another node in one message, which has a limit. With ids of 193 bytes and
// 10,000 exceptions a participant's take 2 MB, and some 60 of those in one partition would be more
// than can be sent: it could neither be copied nor moved. So all exceptions of a partition together
// have Settings.MaxWeight. At the limit nothing new is stored, and the outcome is Full. What comes
// from another account is always taken in: two nodes that did not see each other may have had as
// much each.
//
//	two accounts of 32 MiB           64 MiB, and as much for participants, devices and erasures:
//	what a frame has (cluster/link)  128 MiB
//
// Nobody should be able to take all of that from others. So a tenant may have half of it, and those
// without a tenant are one. A quarter is for participants with few exceptions: one that blocks
// another finds room where others have thousands. With the longest names that is
//
//	a participant has              all tenants   one     what takes that
//	fewExceptions or more          24 MiB        12 MiB  6 participants with 10,000 blocks
//	fewer: the last quarter, too   32 MiB        16 MiB  and 200 with 100 blocks
//
// What remains: ids are placed by a hash without a key, so they can be chosen for one partition.
// With 200 such ids a tenant's participants can keep the others of their tenant from new exceptions
// in it, with 6 those that have many; two tenants together can keep all. What is there can be
// changed and taken back all the same.
//
// Statements count as exceptions do: with the longest names and words a participant's may take
// 9 KB, and one that hides keeps two statuses for as long as it likes. What is full takes no new
// status and no new claim. It takes what ends one, and the renewal of a claim. An override has
// always a place, or nobody could hide: with its end it is in the share of participants. So is an
// availability.

// fewExceptions is from how many of its own on a participant has no part in the last quarter.
const fewExceptions = 100

// What an exception takes in a snapshot at most, besides a name.
const (
	markWeight  = 8 + 2*binary.MaxVarintLen64 // an edge with its end, or what is remembered as forgotten
	namedWeight = 1 + binary.MaxVarintLen64   // a block or a window

	saidWeight = 16 + 3*binary.MaxVarintLen64 // a statement, besides its words as well
)

// weigh is what a cell takes in a snapshot at most. An end is counted with its edge.
func (p *Partition) weigh(c cell) int {
	switch {
	case c.hash == noViewer || c.kind() == cellEnd || c.kind() == cellOver:
		return 0
	case c.kind() == cellWindow:
		return namedWeight + len(p.names.name(p.windows.at(c.slot()).peer))
	case isBlocked(c):
		return namedWeight + len(p.nameOfBlock(c))
	default:
		return markWeight
	}
}

// weighSaid is what a statement takes in a snapshot at most, besides its words. Each has the name
// of its participant. A status may be there twice: as the latest, and as the one that stood.
func (p *Partition) weighSaid(s *statement) int {
	return s.times() * (saidWeight + len(p.id(s.participant)))
}

// weighWords is what the words of a statement take.
func (p *Partition) weighWords(s *statement) int {
	if s.words == none {
		return 0
	}
	return s.times() * int(p.wordsEnd(s)-s.words)
}

func (s *statement) times() int { return 1 + count(s.kind <= saidStood) }

// isFull reports whether a partition takes no more exceptions, statuses and claims of a
// participant, who may not be there yet.
func (p *Partition) isFull(k Key, who uint32) bool {
	most := p.settings.MaxWeight
	if l := p.listOf(who); l != nil && l.windows+l.others+l.stones >= fewExceptions {
		most -= most / 4
	}
	switch {
	case most == 0 || p.weight < most/2:
		return false
	case p.weight >= most:
		return true
	default:
		return p.weightOf(tenantOf(k.ID)) >= most/2
	}
}

// weightOf is what the exceptions and statements of a tenant's participants weigh. They are counted
// when it is first asked for, which is where all weigh more than one may. So most partitions count
// nothing.
func (p *Partition) weightOf(tenant string) int {
	if p.weights == nil {
		p.weights = p.weighTenants()
	}
	return p.weights[tenant]
}

func (p *Partition) weighTenants() map[string]int {
	weights := make(map[string]int)
	for who := range p.allLists {
		sum := 0
		for _, c := range p.cellsOf(who) {
			sum += p.weigh(c)
		}
		weights[tenantOf(string(p.id(who)))] += sum
	}
	for who := range p.allFirst {
		sum := 0
		for _, s := range p.allSaid(who) {
			sum += p.weighSaid(s) + p.weighWords(s)
		}
		weights[tenantOf(string(p.id(who)))] += sum
	}
	return weights
}

// addWeight counts what a participant's exceptions and statements weigh more, or less. What is
// counted by tenant stays until much has gone, or each that comes and goes at the limit would have
// all be counted.
func (p *Partition) addWeight(who uint32, by int) {
	p.weight += by
	switch {
	case p.weights == nil:
	case p.weight < p.settings.MaxWeight/8:
		p.weights = nil
	default:
		tenant := tenantOf(string(p.id(who)))
		if p.weights[tenant] += by; p.weights[tenant] == 0 {
			delete(p.weights, tenant)
		}
	}
}

func tenantOf(inner string) string {
	tenant, _ := SplitInnerID(inner)
	return tenant
}

// fullUnless is what comes of a fact about a pair that isn't known, and has no place. One that
// takes something back is Done: nothing is there. Should an older one come later, from another
// account, it counts.
func fullUnless(takesBack bool) Outcome {
	if takesBack {
		return Done
	}
	return Full
}

// hasAny reports whether a participant has a cell for a viewer for which is is true.
func (p *Partition) hasAny(who uint32, hash uint64, is func(c cell) bool) bool {
	l := p.listOf(who)
	if l == nil {
		return false
	}
	_, found := p.cells.first(l, hash, is)
	return found
}
