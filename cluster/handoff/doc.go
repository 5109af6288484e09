// Package handoff sees to it that state is where it belongs. After every change of the view, and
// after a gap in which the process stood still, it does the same two things, whatever has happened:
//
//	what it holds of others   hold ▶ snapshot ▶ push to the owner, who merges
//	                          ▶ keep a copy until the owner has its backup
//	what it owns and          ask all others: "what do you hold of mine, under this key?"
//	doesn't serve yet         listed: its push will come
//	                          not listed: serve what is here, or begin with nothing (type stage)
//
// A node answers only under its own key, so both see the same members, and what isn't listed will
// not come.
//
// # Decisions and deeds
//
// What is decided is a pure function of what is known (file plan.go): the view, the roles of this
// node's partitions, the answers of others, and the pushes that have come (type book). It gives
// actions back as data, and knows no lock, no clock and no other node.
//
//	view, roles ──▶ ┌──────┐
//	answers ──────▶ │ book │ ──plan──▶ actions ──▶ Steward ──▶ host, replica, store
//	pushes ───────▶ └──────┘                           └─────▶ calls to other nodes ──▶ answers
//
// What is done is done by type Steward, which has the lock, the clock and the calls. All that it
// does by a plan goes through one method, at: it asks whether the view is still the one of the
// plan, and whether the process has stood still since.
//
// testdata/happens.txt has a story for each row of the table "happens, is" of docs/architecture.md,
// and testdata/found.txt one for each bug that was found: what happens at which node, and what is
// done about it. Write them anew with go test -update, and read the difference.
//
// # What is left behind
//
// When another node is to follow a partition, the copy of the former backup answers nothing any
// more. It is kept until the owner says that its backup has everything. If the owner dies before,
// it is pushed to the next owner, and it may be all that is left. If that is the node for which the
// copy was left behind, nothing is missing in it. After that the former owner acknowledged no fact
// without this node, and this node has got nothing. If it had, that would count by itself. If yet
// another node was to follow in between, something may be missing.
//
// The former backup takes nothing any longer, not even records of an owner that doesn't know yet
// that it has another one. It would write them to its disk, and nothing would have that written
// anew when a participant in it is erased.
//
// What a view leaves behind is marked as soon as it is there, before Run comes to it (Follow), so
// that no view is missed because another one came soon after. A node that never has a view doesn't
// know who was to follow in it. For that to matter its owner and its backup of that view must die
// together, or its owner alone if it had none.
//
// Only facts wait for a backup for as long as it takes. A join, a leave or a flip that the next
// backup didn't take within half a second is missing, and comes again with the next heartbeat.
//
// # Locks
//
// Steward.copies comes before Steward.mu, and that before those of the host and of the replica.
// Neither is held over a call to another node. The caller of Shipment may hold a lock of its own:
// that comes before all of them.
//
// # What it does not do
//
// It doesn't send what an owner sends to its backup, and doesn't store what arrives. It only says
// whether it fits (method Shipment). It doesn't decide who owns what: that is package view.
package handoff
