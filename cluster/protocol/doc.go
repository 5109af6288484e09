// Package protocol is what nodes of two versions must have in common to be in one cluster.
//
// What nodes send each other has a number: the protocol. A node speaks a range of them, so that a
// cluster goes from one release to the next node by node, and back. What is Spoken here:
//
//	protocol 6   the release before
//	protocol 7   this one
//
// # How two nodes meet
//
// Each says its Terms: its range, and the words that all nodes must share, such as timings and
// limits. Two nodes fit if their ranges overlap and their words don't differ. They then speak the
// highest protocol that both know. See Terms.Fits.
//
// A node of protocol 6 says a text of its number and its words, and takes in nodes of the very same
// text alone. So a node says the lowest that it speaks in that text, and the highest beside it,
// where a node of protocol 6 doesn't look: gossip in the versions of the application that
// memberlist carries (DMax), links in a header of their own (Speaks). From protocol 7 on, nodes
// skip what they don't know behind what they do, in both.
//
// Words that came with protocol 7 are in that header alone, as gossip has no room beside the text
// of protocol 6. A node with others gossips, and isn't linked with: it doesn't join.
//
// # What is used when
//
// Between two nodes, what their link says: link.Conn.Protocol. What goes through a third node, is
// replicated, or is promised to clients, by the lowest that all members speak: view.View.Protocol.
// It falls as soon as an older node is a member, before that owns anything. A feature is named to
// clients once all members know it (Features).
//
// # What the next version must do
//
//   - Speak protocol 7 and its own. Its Terms have 7 in the text.
//   - Write to a node the form of the highest protocol that both know. A node that is reached
//     through a third one has said its protocols by gossip (gossip.Member.Speaks).
//   - Write to the disk what this version reads, and what it doesn't know in entries of a kind of
//     their own: a node skips these, and says how many.
//   - Add behind: what a snapshot or a record has since then follows what it had before, so that it
//     can be cut off for a node that doesn't know it.
//   - Give a new kind of record or operation a number that was never used, and send it to nobody
//     who doesn't know it.
//   - Change the numbers at one place: Spoken.
//
// # What it does not do
//
// It translates nothing. Who writes a form asks for the number, and writes one or the other.
package protocol
