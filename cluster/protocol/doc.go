// Package protocol is what nodes of two versions must have in common to be in one cluster.
//
// What nodes send each other has a number: the protocol. A node speaks a range of them, so that a
// cluster goes from one release to the next node by node, and back. What is Spoken here:
//
//	protocol 7   the release before: edges, blocks, tenants
//	protocol 8   statuses, ends of overrides, claims: this version
//
// # How two nodes meet
//
// Each says its Terms: its range, and the words that all nodes must share, such as timings and
// limits. Two nodes fit if their ranges overlap and their words don't differ. They then speak the
// highest protocol that both know. See Terms.Fits.
//
// A node says the lowest that it speaks in a text, with its words, and the highest beside that:
// gossip in the versions of the application that memberlist carries (DMax), links in a header of
// their own (Speaks). Nodes skip what they don't know behind what they do, in both.
//
// Some words are in that header alone, as gossip has no room for them beside the text. A node with
// others gossips, and isn't linked with: it doesn't join.
//
// # What is used when
//
// Between two nodes, what their link says: link.Conn.Protocol. What goes through a third node, is
// replicated, or is promised to clients, by the lowest that all members speak: view.View.Protocol.
// It falls as soon as an older node is a member, before that owns anything. A feature is named to
// clients once all members know it (Features).
//
// # Facts that a node doesn't know
//
// A node keeps what a newer one has written of a participant, and passes it on. So nothing is lost
// where nodes of two versions are mixed, or after a step back. There is one form for it, which is
// of protocol 7: extras of the kinds 16 to 255. Package shard calls them opaque facts, and has the
// form in opaque.go. Each is of a participant, has a version like other facts, and merges by that
// alone. It goes to the backup, into snapshots, and to the disk, there within entries of the kinds
// disk.Extras and disk.SnapshotExtras. A compaction writes it anew. An erasure takes it.
//
// # What the next version must do
//
//   - Speak protocol 8 and its own. Its Terms have 8 in the text.
//   - Drop what only protocol 7 needed.
//   - Write new facts as opaque facts, each kind with a number that was never used. It reads the
//     numbers that it knows, and keeps the others. It merges those that it knows by the same rule
//     as a node that doesn't: another one would tell two nodes different things.
//   - Put nothing that must be kept anywhere else. A node passes over and loses what is behind an
//     extra that it knows, and extras of kinds below 16 that it doesn't know.
//   - Stay within the bounds: a subkey of 64 bytes, 1,024 bytes behind the end, 32 facts a
//     participant. A longer one is refused with all that comes with it, and of too many those with
//     the lowest versions go.
//   - Give a fact an end that is a day after it ceases to mean something: so long other facts are
//     remembered, too. From then on nothing beats an older one that turns up. A value that means
//     "not set" is a fact with an end, not an absence.
//   - Name nobody in a fact but its participant: the erasure of another one doesn't reach it where
//     it is opaque. The keyed hash of a viewer is no name.
//   - Take each word that clients depend on into Features, and use new operations by
//     view.View.Protocol: of these a node that doesn't know them keeps nothing.
//   - Write to a node the form of the highest protocol that both know. A node that is reached
//     through a third one has said its protocols by gossip (gossip.Member.Speaks).
//   - Write to the disk what this version reads. An entry of a kind that it doesn't know it skips,
//     says how many there were, and loses at the next compaction.
//   - Give a new kind of record, shipment or operation a number that was never used, and send it to
//     nobody who doesn't know it.
//   - Change the numbers at one place: Spoken.
//
// # What it does not do
//
// It translates nothing. Who writes a form asks for the number, and writes one or the other.
package protocol
