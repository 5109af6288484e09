// Package link carries messages between two nodes.
//
//	Peer (dials)                                             Server (accepts)
//	 ├─ Hot ────▶ heartbeats, fetches, writes ──────────────▶ Handler.Call, Handler.Push
//	 ├─ Events ─▶ interest ─────────────────────────────────▶   │
//	 │     ◀───── changes, evictions ◀───────────────────────── Conn.Push
//	 └─ Bulk ───▶ replication, hand-off ─────────────────────▶
//
// A node dials every other one for what it wants of it, so between two nodes there are six
// connections: three classes in each direction. A class has a connection of its own so that a
// hand-off of megabytes never delays a heartbeat.
//
// # The flow
//
//  1. A connection is a WebSocket with binary messages. Its upgrade request names the cluster, the
//     protocol, both nodes and the class. What doesn't fit is refused. The log of who refuses says
//     why; the answer doesn't, as it may go to a stranger.
//  2. Frames are appended to the connection's outbox. Its writer sends all that is there as one
//     message as soon as the one before has left: under load batches form by themselves, idle
//     nothing waits for a timer.
//  3. The reader handles pushes and replies itself, in the order they came, and hands calls to
//     goroutines. It never waits: a call that finds the places of its lane taken is refused at
//     once. What waits for a third node (a write for its backup, a relayed call) has a lane of its
//     own, and so holds nothing that a heartbeat or a read needs.
//  4. A connection that has nothing to say says so every Pulse, and for how long it has heard
//     nothing. One that is silent for Silence, or whose other end hears nothing, is unhealthy on
//     both ends: callers take another way. One that is silent for Timeout is closed, and dialed
//     again.
//
// # Members
//
// A link is made with members alone, as gossip knows them by name and boot; a certificate makes
// nobody a member. A node that joins may dial before gossip has told of it. It is held for half a
// second at most, in one of few places, and linked as soon as it is known. One that is refused all
// the same has gossip tell the other node of it directly, and dials again. An open link outlives
// what gossip thinks of its ends.
//
// # Certificates
//
// With TLS both ends check each other's certificate at the handshake, and never again: one that
// ends breaks no link that lives. A handshake that fails for it is explained in the log of both
// ends. The end that is refused gets nothing but an alert, so it looks at its own certificate; see
// refusal.go.
//
// Handshakes read no files, Look does: a disk that hangs holds up no handshake.
//
// # Limits
//
// Connections that are no link yet are few, and short; see package unproven and admit.go. An outbox
// that is full refuses (ErrFull, counted); a frame above its class's limit closes the connection
// before memory is taken for it; a connection runs at most maxCalls calls of each lane at once
// (ErrBusy, counted).
//
// # What it does not do
//
// It repeats nothing: a call that failed may have been carried out. What may be repeated, and
// where, is the business of package cluster.
package link
