// Package call asks the other nodes of a view: it finds who can do something, and a way to it.
//
//	partition ─▶ finders ─▶ node, if a way may work ─┬─▶ here
//	                 ▲                               └─▶ dialed, accepted or relayed ─▶ there
//	                 └── not there, or no answer: the next, after a while, or under the next view
//
// # Who is asked
//
// A write goes to the owner, while state is on its way also to the previous owner (Route). A
// question goes to the backup too, as soon as neither the link to the owner nor another node
// reaches it (Read): a copy whose owner lives may be behind. Each is tried again until its context
// ends, so all of them may be repeated. A batch is split by owner, and all are asked at once
// (Spread).
//
// No node tells another "not mine, ask X": two nodes that see different members would send the
// asker back and forth. The asker knows the current and the previous owner, and waits a few
// milliseconds, or for its next view, in between.
//
// # The way
//
// While links are broken a call takes another way (Caller.Call): a connection that the other node
// made, or one hop through a node that reaches both. The price is a node that carries other nodes'
// calls, for seconds where the ring can mend it, for longer where a gateway has lost one owner.
//
// What waits has places of its own on a link (Lane), so that it holds nothing that a heartbeat or a
// read needs.
package call
