// Package cluster finds the owner of a participant and asks it, and keeps what the owner knows from
// being lost.
//
//	gateway ─▶ Node ─▶ id ─▶ partition ─▶ view ─▶ owner ─┬─▶ host.Host here
//	   ▲                                                 └─▶ link ─▶ host.Host there
//	   │                                                                │
//	   └── Sink ◀── watch ◀── changes, evictions ───────────────────────┘
//
//	gossip ─▶ members, reports ─▶ view: ring, table, key ─▶ handoff: state flows to its owner
//	   ▲                                                 └▶ watch: again at another owner
//	   └── reach ◀── links
//	host ─▶ records ─▶ replica ─▶ backup;  keep ─▶ disk
//
// What a node does is done by the packages below this one, its rooms. Here they are put together
// (node.go, join.go), and here is what gateways use: type Node.
//
// # Who owns what
//
// Gossip says who is there, links say who can work together, and package view makes a table of
// both: which node owns which of the 4096 partitions, and which one is its backup. A node reports a
// link that has failed for breakAfter (type reach). One that is left out of the ring pushes what it
// has, answers for nothing, and serves the clients that stay as a gateway does; they are told to go
// elsewhere. It comes back when its links have worked for four times as long.
//
// Until then, and for who is left out, a call takes another way (package call). The other ways to
// deal with a broken pair were: nothing, so that writes fail for as long as it lasts and the two
// ends tell different stories; a quorum for each decision, which costs each write a third node; and
// gossip that probes the peer port, which takes one bad pair for a dead node. Copies that can't
// reach their owner by any way answer for a deadline and then say unknown.
//
// A node that reaches under half of the other owners may have been superseded, and not know it yet.
// Nobody expires at its host, so that it calls nobody gone for heartbeats that go elsewhere.
//
// # Where state goes
//
// The steward (package handoff) knows one rule. What a node holds of a partition that another one
// owns it pushes there, where it is merged. What it owns and doesn't serve yet it asks all others
// for, and serves it once nothing of it is still to come. A node that joins, one that drains, two
// halves of a network that meet again, one that was stopped for a minute, one that starts with a
// full disk: all are this rule.
//
// Transitions go from the owner to its backup as records (package replica), heartbeats don't: a
// backup that takes over gives every device a full deadline. What a write waits for, and how a
// participant is erased, package ask tells.
//
// What nobody holds is lost only in a cluster that has formed; before, it is new.
//
// # Asking
//
// A call goes to the owner, or to who may answer in its place, and is tried again until its context
// ends (package call); so all calls may be repeated. Heartbeats of sockets go packed and are not
// answered unless they didn't count.
//
// # Exceptions
//
// What a viewer sees of a participant depends on an exception: a direct-message window, an edge or
// a block. The design had the owner send the few viewers with one along with a view, while it
// matters. But the list grows with the people that a participant writes with. Its way over a link,
// and the time to build it, told who hides: 988 µs against 641 at 5,000 windows. So a gateway asks
// for the pairs of its own viewers, hidden or not, and the owner looks each up. It tells of one
// that begins or ends, hidden or not. Where a view is asked for again, its pairs are too (package
// watch). Requests for one pair are not gathered: each subscribe asks each owner once for all its
// ids, as it did for views.
//
// # Locks
//
// While the first is held the others may be taken, and never the other way round:
//
//	members.mu            ▶ Gossip.mu; Mirror.mu; Feed.mu          a new view: look, Prune, Follow
//	Attachment.busy       ▶ devices.mu; the hub's; the host's      a socket's device: Sink.Picked
//	Sweeper.once          ▶ the host's                             a sweep
//	arrival.mu            ▶ Steward.copies                         a shipment to the backup
//	Steward.copies        ▶ Steward.mu; the host's; disk's Log.mu  Shipment, merge, leave, dropOld
//	Steward.mu            ▶ the host's; Mirror.mu                  method at
//	the hub's interest    ▶ a stripe; the outbox.mu of a link      Unwatch
//	Pulses.mu of a link   ▶ the outbox.mu of a link                a pulse
//
// Of the host (shard/host), where a partition has its stripe, and a gateway its handing:
//
//	left.mu, timeline.mu  ▶ all stripes                            a compaction, a gap, a clock set
//	pause.mu              ▶ stripes, one at a time                 Resume
//	handing               ▶ a stripe; Feed.mu; the gateway's;      what happened is told in order
//	                        the outbox.mu of a link
//	stripes, ascending    ▶ stamps, sinks, outbox.mu of the host;  a change is stamped, told,
//	                        Mirror.mu; disk's Log.mu               noted and written
//
// left.mu comes before timeline.mu, as each look at the clock may find a gap. So nothing that may
// look at the clock is called with a stripe locked (Host.lately is for that), or from Config.Gap.
//
// All others are the last: nothing is taken under inbound.mu, devices.mu, Gateways.mu, Feed.mu,
// Mirror.mu, Complaints.mu, Sweeper.mu, Gossip.mu, ledger.mu, Conn.mu, outbox.mu, Server.mu,
// Listener.mu, or Log.mu.
//
// # What is held while something waits
//
// A call to another node, the disk, a send that can wait: none of these under any lock but those
// that are made for it, and make only their own kind wait.
//
//	Attachment.busy                calls for one socket's device, until their context ends
//	Sweeper.once                   calls to owners, for 5 s together; the next sweep waits
//	left.mu                        the disk, as long as a compaction lasts; the next one waits
//	Log.noting                     a note is written
//	Files.mu                       files of keys are read
//	Gossip's announce and joining  the network, for seconds: package gossip tells why
//	handing                        a gateway takes what it is told, which must not be long
//
// The rooms' pages tell more, each of its own locks.
//
// # Where this differs from the design that it began with
//
// Snapshot and cut-over have no last changes to send after: a partition is held while it is on its
// way, which takes milliseconds, as partitions are small. And no node tells a caller "not mine, ask
// that one": package call tells why.
//
// # What it does not do
//
// It doesn't decide who is right when two halves of a network both serve: each serves all, and the
// merge keeps what was acknowledged on either side, of overrides the newer by the nodes' clocks, to
// the millisecond. It keeps two copies, not more: owner and backup lost at once lose what only they
// held, which is then unknown rather than offline for a deadline.
package cluster
