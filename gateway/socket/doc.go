// Package socket is the WebSocket endpoint: one connection is one client, of one participant, with
// at most one device.
//
//	client ─▶ reader ─ decode ─▶ cluster (Attach, Beat, SetOverride, …)
//	             │                     ├─▶ Sink.Deliver ─▶ hub ─ marks dirty ─▶ mark ─▶ flusher
//	             ├─ subscribe ─▶ hub   └─▶ Sink.Evict ─▶ shut ─ poke ─┐  what must wait │
//	             └─ replies ─▶ out ─ poke ────────────────────────────┴▶ writer ◀───────┘
//
// The flow of a connection:
//
//  1. Serve upgrades the request and returns. net/http's buffers (8 KiB) and its goroutine are
//     gone.
//  2. The reader takes one bounded frame at a time, into buffers that idle connections don't hold.
//     The first message must be a good hello; it names the participant, gives it a device, and
//     makes a hub.Viewer.
//  3. A heartbeat in the plain form takes the short way (scan.go): no allocation, 0.25 µs between
//     the library and the owner's record and back. Everything else is read by gateway/wire's strict
//     decoder, so there is one opinion of what is allowed.
//  4. Answers are queued in order. A snapshot is committed and queued under the queue's lock, and
//     changes are drained under it, so no change is written before the snapshot that it's newer
//     than, or after the ok of its unsubscribe.
//  5. poke starts a writer if there is none. It takes replies, own state and changes together,
//     writes them in one system call, and ends when there is nothing left: an idle connection has
//     no writer's stack.
//  6. A change that the hub delivers to many starts no writers. It marks the sockets, and a flusher
//     goes through them and writes to each what the kernel takes at once. Only where the kernel
//     takes less is there a writer, which begins with the rest. A flusher writes to each socket
//     once and then to the next: none waits for another one.
//  7. A reader that has read all there was ends, too. The poller starts another when something has
//     come, in a goroutine that an earlier reader left.
//
// # Silence
//
// Between two messages a connection has no goroutine, no buffer and no timer. Of an idle
// connection's 5.1 KB (TestLoad) the library keeps 1.6, net and its poller 0.9, this package, the
// hub and the cluster 0.5 each; the rest is room in the allocator's spans. The poller is one
// goroutine with an epoll set:
//
//	client:  heartbeat ────────────────────────────────── heartbeat
//	poller:      └ wake, a reader starts                      └ wake …
//	reader:           read: less than asked for ─ … ─ ends
//
// The set tells of each arrival once, so nothing is armed again. A read that leaves room in its
// buffer took all there was; what comes later is told of anew. Where it is not known whether there
// is more, a read that doesn't wait looks. What comes while a reader ends stirs it: it looks again.
//
// A reader may wait: for the rest of a frame, for an owner, for room. It holds up nobody, for each
// connection with something to read has one, and clients that stop amidst a frame cost what every
// connection did before, for a deadline at most.
//
// A connection has its reader all the time before welcome, under TLS, if the kernel has no room for
// it in the set, and on systems other than Linux. The tests over pipes run both ways.
//
// Who writes is the connection's state. One at a time holds it from writing on:
//
//	          mark                 flusher
//	idle ───────────────▶ marked ────────────▶ writing ──▶ idle, or marked if there is more
//	  └────── poke: starts a writer ─┴───────────▶ │
//	                                         mark, poke ──▶ again: it looks once more
//
// So an answer doesn't wait for a flusher's turn: its writer takes what was marked along.
//
// A writer writes whole frames, header included, past the library: a change is encoded once, with
// its header, and the same bytes go to all who see it. The library writes its own pongs and
// close frames. Both go through guard, whose lock keeps frames whole: it passes from the flusher to
// the writer of the rest. guard tries without waiting first. Only a write that must wait has a
// deadline, which costs a timer. Under TLS, and on systems other than Linux, every write may wait.
//
// # Statuses
//
// They go with states in the same frames, to who has asked for them (package hub). One is up to 580
// bytes, in escapes, where a state is ten: a frame of changes has a fifth as many of them, so it
// stays below 256 KiB. A snapshot and a result have all that was asked for, up to 1,000: 1 MiB at
// most, for which there must be room before it is asked for.
//
// # Slow readers
//
// While a write waits, changes gather in the hub as dirty marks, the latest state of an id alone:
// no queue grows. Replies are a queue; above 64 KiB the reader stops reading until they are
// fetched. A write that takes SlowAfter counts as 4005; the client has CloseTimeout more to fetch
// the rest of the frame, and the close frame after it.
//
// # Memory and ids
//
// A frame of over 4 KiB takes room in Config.Memory for itself and what becomes of it, before it is
// read further, and keeps it until less than 64 KiB of answers wait. So a connection holds at most
// 64 KiB and an answer, twice if the first is being written; MaxSockets times that is what a
// participant has without room. Ids are counted by Config.TakeIDs: by the bytes of a frame before
// it is decoded, then by what it names beyond that.
//
// # Signs of life
//
// A heartbeat, and the answer to a ping that we sent. Other messages, a client's own pings
// (answered, within the rate) and pongs out of the blue are none. A connection's alarm rings at the
// next thing that could be due and looks then; a heartbeat only stores the time. All alarms are in
// one heap with one timer. After half a
// deadline without a sign there is a ping, so a client that beats is never pinged. A socket silent
// for a deadline is dropped without a close frame: nobody reads it.
//
// An answered ping shows that a connection is there, not that anybody is: see rest.go. For that any
// message is something; control frames, which no page sends by itself, are not.
//
// # Decisions
//
//   - A client that doesn't offer presence.v1 is served like one that does.
//   - Token in header and hello: both must be good and for the same participant, else 4001; the one
//     in hello sets the expiry.
//   - The tenant that the upgrade's header names counts for each token that the connection is
//     shown, in hello and in auth. One that may not act there is `forbidden`; the connection stays.
//   - A hello that ends in `unavailable` (no owner, no keys) gives the client the five seconds
//     anew.
//   - A token whose key isn't known waits for up to 2 s (package auth), in hello and in auth. The
//     reader does nothing else meanwhile; the alarm goes on.
//   - An error comes before every close that is an answer to a message: 4001, 4002, 4004, 4008.
//   - Message rates count hello and everything after it, good or bad; a message too many is
//     answered, with its req. A pause of 2 s ends a flood. Pings, and pongs that answer none of
//     ours, count too, but one too many is passed over in silence.
//   - A message that takes longer than a deadline closes with 4004, whatever keeps it from its end.
//   - A hello at the limit of sockets is let in if its device has one already, which it is about to
//     replace.
//   - Linger starts when the client closes or vanishes and when its own mistake closes (4001, 4003,
//     4004, 4008, 1009); never at 1001, 4002, 4005.
//
// # How it stops
//
// A connection ends by a reader: closing its socket, which the writer, the alarm or Close does,
// wakes one, and shutting it closes the socket in the end. A writer ends when there is nothing to
// write, or with the socket: each wait has a deadline, and the close handshake gives up after
// CloseTimeout. A flusher ends when no socket is marked. The reader takes the connection out of the
// alarms and the poller, where an event that was fetched before finds nobody. Drain waits for all
// connections and writers, Close cuts the sockets first; then it ends the poller, the timer, and
// the goroutines kept for readers. http.Server.Shutdown knows nothing of these connections: call
// Drain before it.
//
// Lock order: guard.mu ▶ out.mu ▶ the poller's, and out.mu ▶ the hub's. registry.mu, flushers.mu,
// those of the alarms and of the readers' goroutines are taken alone. Only guard.mu is held over a
// write; who must not wait tries it. None is held over a call of the
// cluster.
//
// # What it does not do
//
// It doesn't look at Host headers, rates of HTTP requests or the Authorization header, doesn't
// compress (1.2 MB a connection with context takeover), and keeps nothing for a client that comes
// back: it says hello and subscribes again.
package socket
