// Package view has the members and the owners of partitions, as one node sees them. They are pure
// functions of what gossip sees.
//
//	members, reports ─▶ ring ─▶ Table ─▶ owner, backup of a partition
//
// # Members, table, key
//
// When the members have stood still for a moment, a View is made of them. It has the boot of each
// node that counts, and the Table, which says which node owns which partition. The table is a pure
// function of the set of nodes on the ring, by consistent hashing with bounded loads (type circle).
// So every node that sees the same members computes the same one. A partition's backup is the owner
// it would have without its owner: exactly the node that takes over.
//
// The view's Key is equal on nodes that see the same boots and states. What must only be done
// between nodes that agree carries it.
//
// # The ring
//
// Gossip says who lives. Only links tell who can work together. So each node says in its metadata
// to which members its links have failed. The ring is a set of serving nodes that all reach each
// other (function ring). A node that is left out owns nothing.
//
// A View never changes, and so has no lock. A change of members makes a new one, and
// package cluster closes Gone of the one before.
package view
