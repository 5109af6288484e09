// Package gossip knows who belongs to the cluster.
//
//	seeds, members lost in the last hour ──▶ heal loop ──▶ memberlist ◀──▶ other nodes
//	                                                          │ callbacks copy a member, and raise
//	Members, Changed ◀──────────────────────────────── register of members
//
// It is github.com/hashicorp/memberlist behind one small type. A node gossips under ID~BOOT, so
// that a node that is started again is a new member at once: memberlist would refuse a known name
// at a new address for 20 s. What a member is travels in its metadata: role, state, the address of
// its peer listener, and its terms (package protocol): the protocols that it speaks, and the
// constants that all nodes must share. Nodes whose terms don't fit don't hear each other, and one
// that joins is told so.
//
// # Who may link
//
// Package link makes links with the boots that Knows and Await name: members, and those that were
// members within the last hour. A node that stood still must ask the others before gossip has made
// up its mind about it. Introduce tells a node of this one directly. Packets reach some nodes at a
// time, and may pass one by until it exchanges everything with another, half a minute later.
//
// # The port
//
// Strangers may send anything to it, and memberlist reads before it asks for the key. So packets
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
// A node that finds no other says why: what is wrong with each seed, and with what comes in.
// memberlist gives the reasons in the errors of a join and in the lines of its log. They are read
// in one place, heard.go, and tests have memberlist say each. Trouble returns those of the last
// minute. Each is logged at once, and then once a minute. While enough others are there, a seed
// that is down is no news.
//
// Seen is about the past: how many nodes were there at once. ForeignSeeds reports whether there is
// another node to look for, as the seeds may be this node alone. To memberlist it is a success to
// join oneself.
//
// # Suspicion
//
// A member that answers no probe is suspected for some seconds, and then taken for dead. It stays a
// member meanwhile. Suspicions are shown to operators and decide nothing; see type suspicions.
//
// # Timings
//
// Measured until the last survivor knows of a kill: 2.6 to 3.9 s with Production, 1.0 to 1.7 s with
// Fast, which is for tests.
//
// memberlist gives a suspected member more time in a larger cluster, with 20 nodes a third more.
// Here it has about two seconds up to 30 nodes, and three with 100: gossip is sent so often that
// its refutation gets around in a fraction of that (function suspicionMult).
//
// # Locks
//
//	announce, joining ▶ memberlist's own ▶ Gossip.mu
//	                                     ▶ ledger.mu
//	heal loop ▶ keyfiles.Files.mu ▶ the keyring's
//
// memberlist calls back with its lock held. A callback copies what it is given under Gossip.mu,
// raises a signal, and returns. So memberlist is never called with Gossip.mu held: the two would
// wait for each other. Gossip.mu and ledger.mu are not held together, and no lock is held over a
// lookup of names. The turns announce and joining are held over the network, for seconds. They are
// channels, because a goroutine that waits for a mutex stops virtual time.
//
// # What it does not do
//
// It draws no conclusions. Package view decides which members own partitions, and which of two
// boots counts.
package gossip
