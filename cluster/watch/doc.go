// Package watch has this node's gateway hear of changes, wherever the owner is, and has the owner
// here tell the gateways of other nodes.
//
//	         this node                                another node
//	hub ── Watch ──▶ Feed ── OpWatchSayings ──────▶ Gateways ── Watch ──▶ host
//	 ▲                │ ◀──── answer ─────────────────┘                     │
//	 └── Sink ◀────── ┴ ◀──── OpSayings, OpEviction, OpMoved ◀── outbox ◀───┘
//
// A Feed is the gateway's side, Gateways is the owner's. They meet on a connection for events.
// OpWatchTrusts and OpTrusts take the same way, with a node of the version before. What this node
// owns itself takes it without the link: the host here tells the Feed.
//
// # The life of a watched id
//
//  1. It is asked about. Watch spreads questions over the nodes that may know (interest.go). The
//     owner registers the interest and answers in one critical section. The answer leaves before
//     the changes that follow it.
//  2. It is seen. The answer is put into the owner's epoch (epoch.go) and goes to the caller. From
//     here on the owner pushes changes, and each is put into the same epoch.
//  3. Its partition moves, or the connection breaks, or a copy or a glimpse was all that answered.
//     The partition becomes due (due.go).
//  4. It is asked about again, for all who watch it here (again.go). What comes back is delivered
//     as if it were a change: the sink tells its viewers what differs.
//  5. Nobody watches it any longer. Unwatch ends the interest, and so does the end of the
//     connection. The sink reviews what was asked again: an Unwatch may have gone to the owner
//     before.
//
// Steps 3 and 4 are the only recovery there is. They also serve an id of which more exceptions have
// changed at once than are told one by one.
//
// # Glimpses
//
// While there is no healthy connection for events, an owner can only be asked by another way, and
// tells nothing by itself. Such a glimpse registers no interest. It is repeated each glimpseEvery,
// so a change is told a second late. To pass events on through a third node would be faster, and
// would be a second kind of interest that could be lost. A broken link is rare, and its sockets are
// told to go elsewhere.
//
// # Epochs
//
// Each owner numbers its changes with an Order of its own. So that those of two owners compare, the
// first answer of another node begins an epoch of the partition. The epoch's number is the high
// part of the Order that the sink sees. Only the node that began it counts:
//
//	what comes                      from the epoch's source     from another node
//	answer, or glimpse              a place in the epoch        begins an epoch
//	…, while the owner is source    a place in the epoch        older than all, due again
//	answer of a copy                older than all, due again   older than all, due again
//	change                          a place in the epoch        dropped
//
// The epoch of what this node itself has ceased to serve has no source any more, so the next answer
// begins one. A node that stood still would else show what it was told before, as long as it takes
// itself for the owner.
//
// An answer that comes late can so never end the owner's epoch. What it tells may still be the
// newest that is known of an id, which is why it is not dropped.
//
// An owner that has lost the partition's state says so with its answers. The sockets here are
// announced to it again, once an epoch.
//
// # Pairs
//
// A question names the viewers of an id here, and the answer has a bit for each: whether it has an
// exception (question.go). Package cluster tells why they are asked for, and not sent.
//
// An owner that can't tell how an id looks may have lost whom that trusts. What it says of a pair
// isn't told, but that it denies. It holds such words back itself, and asks to be asked again when
// it has told how the id looks.
//
// # Lock order
//
//	hub's interest       ▶ a stripe of the host; the outbox of a link    Unwatch
//	handing of a sink    ▶ a stripe of the host                          host.Watch
//	handing of the Feed  ▶ Feed.mu                                       an answer, a change
//	handing of the Feed  ▶ the hub's topics and viewers                  Sink.Deliver
//	handing of a gateway ▶ the outbox of its link                        a reply, a push
//
// handing is the lock of the host under which one gateway is told things in order. Under Feed.mu
// and Gateways.mu nothing else is locked, called or sent. The view is read under Feed.mu, by one
// atomic load. A connection that is closed under Gateways.mu ends later, on its own goroutine.
//
// # What it does not do
//
// It finds no way to another node and doesn't know where else to ask: that is Spread and Call. It
// doesn't decide what a viewer sees, and keeps no view: the sink knows what was delivered last.
package watch
