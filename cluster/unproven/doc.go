// Package unproven bounds what connections take before they have shown that they are another
// node's.
//
//	strangers, nodes ─▶ Listener ─▶ Conn ──Prove──▶ a link, without these limits
//	                                  └─ too slow, too much, or the oldest of too many ─▶ closed, counted
//
// Whoever reaches the ports between nodes can open connections and say nothing, or much that means
// nothing. Certificates and keys are checked only once something was read, so what is read before
// is bounded here: how many connections there are at once, for how long, and how many bytes each
// may send. A node shows who it is within milliseconds.
//
// One more than may be there closes the oldest, not the newest: who holds connections open keeps
// nobody out.
//
// # What it does not do
//
// It knows no certificate and no key: link says when a connection has shown who it is. Connections
// of gossip are short, so they never do, and are bounded to their end.
package unproven
