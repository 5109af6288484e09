// Package gossip knows who belongs to the cluster.
//
//	seeds, members lost in the last hour ──▶ heal loop ──▶ memberlist ◀──▶ other nodes
//	                                                          │ callbacks copy a member and poke
//	Members, Changed ◀──────────────────────────────── register of members
//
// It is github.com/hashicorp/memberlist behind one small type. A node gossips under ID~BOOT, so
// that one that is started again is a new member at once: memberlist would refuse a known name at a
// new address for 20 s. What a member is travels in its metadata: role, state, the address of its
// peer listener, and the protocol, which is the version and the constants that all nodes must
// share. Nodes of other protocols don't hear each other; who joins with another one is told so.
//
// # Who may link
//
// Knows and Await say which boots package link makes links with: members, and those that were
// members within the last hour, for one that stood still asks the others before gossip has made up
// its mind. A node that was refused is told of by Introduce: packets reach some at a time, and may
// pass one by until it happens to exchange all with another, half a minute later.
//
// # The port
//
// Whoever reaches it may send anything, and memberlist reads before it asks for the key. So packets
// and streams are bounded before memberlist gets them; see ports.go and package unproven.
//
// # Healing
//
// memberlist forgets the dead after a while, and then two halves of a network never look for each
// other again. So a loop resolves the seeds, adds the members that were lost within the last hour,
// and joins those it doesn't see.
//
// # Nobody is met
//
// A node that finds nobody tells why: what is wrong with each seed, and with what comes in.
// memberlist tells the reasons in the errors of a join and in the lines of its log. They are read
// in one place, heard.go, and tests have memberlist say each. Trouble has those of the last minute;
// each is logged at once and then once a minute. That a seed is down is no news while enough others
// are there.
//
// Seen is about the past: how many nodes were there at once. ForeignSeeds reports whether
// there is anybody to look for: the seeds may be this node alone. To memberlist it is a success to
// join oneself.
//
// # Suspicion
//
// A member that answers no probe is suspected for some seconds, and then taken for dead. It stays a
// member meanwhile. Who is suspected here is shown to operators and decides nothing; see type
// suspicions.
//
// # Timings
//
// Measured until the last survivor knows of a kill: 2.6 to 3.9 s with Production, 1.0 to 1.7 s with
// Fast, which is for tests.
//
// # What it does not do
//
// It draws no conclusions: which members own partitions, and which of two boots counts, is decided
// in package cluster.
package gossip
