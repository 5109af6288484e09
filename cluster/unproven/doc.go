// Package unproven bounds what connections take before they have shown that they are another
// node's.
//
//	strangers, nodes ─▶ Listener ─▶ Conn ──Prove──▶ a link, without these limits
//	                                  └─ too slow, too many bytes, too many ─▶ closed, counted
//
// A stranger that reaches the ports between nodes can open connections and say nothing, or much
// that means nothing. Certificates and keys are checked only once something was read. So what is
// read before is bounded here: how many connections there are at once, for how long, and how many
// bytes each may send. A node shows who it is within milliseconds.
//
// One connection too many closes the oldest, not the newest. So a stranger that holds connections
// open keeps no node out.
//
// Listener.mu is the only lock. It is held over no read, write or close of a connection.
//
// # What it does not do
//
// It knows no certificate and no key: link says when a connection has shown who it is. Connections
// of gossip are short. They never show it, and are bounded to their end.
package unproven
