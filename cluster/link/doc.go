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
//     terms of the node that dials, both nodes and the class. A request that doesn't fit is
//     refused. The log of the node that refuses says why. The answer doesn't, as it may go to a
//     stranger. An answer that accepts has terms too, so that both ends know the highest protocol
//     that they have in common.
//  2. Frames are appended to the connection's outbox. Its writer sends all that is there as one
//     message, as soon as the message before has left. Under load batches form by themselves. Idle,
//     nothing waits for a timer.
//  3. The reader handles pushes and replies itself, in order, and hands calls to workers. A few of
//     those wait for the next call; if none does, a new one is started. The reader never waits: a
//     call that finds the places of its lane in use is refused at once. Calls that wait for a third
//     node (a write for its backup, a relayed call) have a lane of their own, and so hold no place
//     that a heartbeat or a read needs.
//  4. A connection in use pulses: a hot one every Pulse. Each pulse says for how long its sender
//     has missed the other end. If one that is in use is silent for Silence, or its other end
//     misses this one, it is unhealthy on both ends, and callers take another way. If it is silent
//     for Timeout, it is closed and dialed again. See health.go.
//  5. An idle peer gets one pulse a second, on its idle connections in turn. If it is silent for a
//     little longer, or one connection is for longer than the turns take, that is taken into use,
//     to find out. So a hot link that breaks while it is idle is unhealthy after two to three
//     seconds, and from its next use on within Silence.
//  6. While one connection is unhealthy, those of its class with all other peers are taken into
//     use. So a node of which a firewall lets a class pass no more finds that out of all peers
//     within slowSilence, and not of each when its turn comes.
//
// # What silence costs
//
// All six connections between two nodes pulsed once, each in both directions, idle or not: 14
// messages a second and peer each way, each of which woke the process. With 20 nodes that was three
// quarters of what an idle node cost. Now there is one, sent by one goroutine for all peers (type
// Pulses), by the clock: nodes pulse at the same moment, and are woken once for all their peers.
//
// # Members
//
// A link is made with members alone, as gossip knows them by name and boot. A certificate makes
// nobody a member. A node that joins may dial before gossip has told of it. It is held for half a
// second at most, in one of few places, and linked as soon as it is known. If it is refused all the
// same, it has gossip tell the other node of it directly, and dials again. An open link outlives
// what gossip thinks of its ends.
//
// # Certificates
//
// With TLS both ends check each other's certificate at the handshake, and never again: a
// certificate that ends breaks no link that lives. A handshake that fails for it is explained in
// the log of both ends. The end that is refused gets nothing but an alert, so it checks its own
// certificate; see refusal.go.
//
// Handshakes read no files, Look does. A disk that hangs holds up no handshake.
//
// # Limits
//
// Connections that are no link yet are few, and short; see package unproven and admit.go. An outbox
// that is full refuses frames (ErrFull, counted). A frame above its class's limit closes the
// connection before memory is spent on it. A connection runs at most maxCalls calls of each lane at
// once (ErrBusy, counted).
//
// # Locks
//
//	caller's own ▶ Conn.mu
//	caller's own ▶ outbox.mu
//	Server.mu
//	Pulses.mu    ▶ outbox.mu
//
// No others are taken under another. Push, Pack and Reply take outbox.mu alone, never wait, and may
// be called with locks held. Call waits for the peer, and must be called with none. The writer
// takes the buffer out under outbox.mu, and writes without it. The handler, and what Call gives to
// be run with an answer, are called with no lock of this package: a handler may take its own there,
// if it takes them nowhere around Call or Close. Close waits for all handlers.
//
// # What it does not do
//
// It repeats nothing: a call that failed may have been carried out. Package cluster decides what
// may be repeated, and where.
package link
