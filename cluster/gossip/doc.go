// Package gossip knows who belongs to the cluster.
//
//	seeds, members lost in the last hour ──▶ heal loop ──▶ memberlist ◀──▶ other nodes
//	                                                          │ callbacks copy a member and poke
//	Members, Changed ◀──────────────────────────────── register of members
//
// It is github.com/hashicorp/memberlist behind one small type. A node gossips under ID~BOOT, so that one that is started
// again is a new member at once: memberlist would refuse a known name at a new address for 20 s. What a member
// is travels in its metadata: role, state, the address of its peer listener, and the protocol, which is the version and the
// constants that all nodes must share. Nodes of other protocols don't hear each other; who joins with another one is told so.
//
// # Healing
//
// memberlist forgets the dead after a while, and then two halves of a network never look for each other again. So a loop
// resolves the seeds, adds the members that were lost within the last hour, and joins those it doesn't see.
//
// # Timings
//
// Measured until the last survivor knows of a kill: 2.6 to 3.9 s with Production, 1.0 to 1.7 s with Fast, which is for tests.
//
// # What it does not do
//
// It draws no conclusions: which members own partitions, and which of two boots counts, is decided in package cluster.
package gossip
