// Package cluster finds the owner of a participant and asks it.
//
//	                Node
//	gateway ─▶ id ─▶ partition ─▶ Table ─▶ owner ─▶ host.Host
//	   ▲                                              │
//	   └────────────── Sink: updates, evictions ◀─────┘
//
// A Table says which node owns which of the 4096 partitions. It is a pure function of the set of serving nodes, by
// consistent hashing with bounded loads (github.com/buraksezer/consistent), so every node that sees the same members
// computes the same table; the fingerprint shows whether they do.
//
// A Node is this process's place in the cluster. Its methods take a context and return errors, as calls to another node
// will: ErrUnavailable says that nothing was decided and the call may be repeated, and States counts the ids whose owner
// could not be asked. A gateway is a Sink: it names what it watches, and hears of changes to that.
//
// # What it does not do yet
//
// It has one node, which owns every partition: no gossip, no links to peers, no backup. What those need is in place: the
// partition as the unit that moves (host.Host's Snapshot and Merge), versions and sessions that order what two nodes may
// both have heard, handles that are refused when stale, interest by gateway.
package cluster
