// Package cluster finds the owner of a participant and asks it, and keeps what the owner knows from being lost.
//
//	gateway ─▶ Node ─▶ id ─▶ partition ─▶ view ─▶ owner ─┬─▶ host.Host here
//	   ▲                                                 └─▶ link ─▶ host.Host there
//	   │                                                                │
//	   └── Sink ◀── feed ◀── changes, evictions ────────────────────────┘
//
//	gossip ─▶ members ─▶ view: table, backups, key ─▶ steward: state flows to its owner
//	                                               └▶ feed: watch again what has another owner
//	host ─▶ records ─▶ replica ─▶ backup;  store ─▶ disk
//
// # Members, table, view
//
// Package gossip says who is there. When the members have stood still for a moment, a view is made of them: of each node the boot that
// counts, and the Table, which says which node owns which of the 4096 partitions. The table is a pure function of the set of
// serving nodes, by consistent hashing with bounded loads (github.com/buraksezer/consistent), so every node that sees the same
// members computes the same one. The view's key is equal on nodes that see the same boots and states: what must only be done between
// nodes that agree carries it. A partition's backup is the owner it would have without its owner, hence the node that takes over.
//
// # Where state goes
//
// The steward knows one rule. What a node holds of a partition that another one owns it pushes there, where it is merged; what it
// owns and doesn't serve yet it asks all others for, and serves it once nobody holds anything of it that is still to come. A node that
// joins, one that drains, two halves of a network that meet again, one that was stopped for a minute, one that starts with a full
// disk: all are this rule. See type steward.
//
// Transitions go from the owner to its backup as records (type replica), heartbeats don't: a backup that takes over gives every device a
// full deadline. An override, a registration and a window are acknowledged when the backup has them, and the disk of both if there is
// one (type store); a join, a leave or a flip when the backup has it, or after 500 ms.
//
// # Asking
//
// A call goes to the owner, while state is on its way also to the previous owner, and is tried again until its context ends; so all
// calls may be repeated. Questions go to the backup too, as soon as the link to the owner has been silent for half a second. Batches are
// split by owner, and everybody is asked at once. Heartbeats of sockets go packed and are not answered unless they didn't count.
//
// # Where this differs from the design that it began with
//
// No node tells another "not mine, ask X": two nodes that see different members would send the asker back and forth. The asker knows
// the current and the previous owner, and waits a few milliseconds, or for its next view, in between. Snapshot and cut-over have no
// last changes to send after: a partition is held while it is on its way, which takes milliseconds, as partitions are small.
//
// # What it does not do
//
// It doesn't decide who is right when two halves of a network both serve: each serves all, and the merge keeps what was acknowledged
// on either side, of overrides the newer by the nodes' clocks, to the millisecond. It keeps two copies, not more: owner and backup lost
// at once lose what only they held, which is then unknown rather than offline for a deadline.
package cluster
