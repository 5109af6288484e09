// Package hub maps the ids that are watched here to the viewers who watch them.
//
//	cluster ── Deliver(id, view) ─▶ topic ─┬▶ Viewer A: sees a difference? dirty, wake ─▶ its Drain
//	                                       └▶ Viewer B: …                              ─▶ its Drain
//	A's reader ── Watch(ids) ─▶ topics joined ─▶ Node.Watch ─▶ Pending ── Commit ─▶ snapshot
//
// A Viewer is one connection (a WebSocket, an event stream) of one participant. Ids are those that
// owners know (package tenant), so a topic is of one tenant, and all who watch it are. The flow:
//
//  1. Watch puts the viewer on the topic of each id, made where it is missing, and asks the node,
//     which registers interest and answers with views and exceptions in one critical section. What
//     Deliver brings meanwhile is kept if its Order is higher. Nobody is woken yet.
//  2. Commit returns the snapshot. From here each view is compared with it.
//  3. Deliver works out what each viewer of the topic sees, and stores that one byte with its
//     subscription. When it differs from what was last delivered, the subscription goes on the
//     viewer's dirty list, once, and the viewer is woken. No queue: ten changes before a Drain are
//     one, and A, B, A is none.
//  4. Drain hands out the dirty subscriptions that still differ, and notes them as delivered.
//  5. When the last viewer leaves a topic, it is forgotten and Node.Unwatch is called.
//
// All viewers who see the public state get the same bytes, encoded once, if a topic has several
// viewers.
//
// # Statuses
//
// Who watches with status is told what a participant says of itself, too. Few do, so the others pay
// nothing: a topic keeps what is said only while it has readers, those with status, and a viewer
// has what it was told of that beside its subscriptions. The participant for itself is a reader. A
// later Watch without status leaves a subscription as it is, and its snapshot says nothing of it.
//
// What a viewer sees of what is said goes with the state that it sees: shard.View.StatusFor decides
// both by the same trust. While the state isn't known to it, nothing is said. An answer to who
// hasn't asked for statuses has none, which doesn't mean that there are none.
//
// A change has parts: a state, a status, or both. Readers share one message, others another.
//
// # Exceptions
//
// What a viewer sees of an id depends on what that has said of the viewer, such as an open
// direct-message window or a block: shard.Trust. A view doesn't say that of anybody: the time that
// takes would tell who hides. So each viewer asks for its own, whether it matters or not and
// whether others watch the id already or not, and the cluster brings a word when it changes. Each
// watcher keeps the latest word, with its order: a word and an answer may cross. Until the first
// one nothing is shown to the viewer, be it hiding or not. A viewer is found by its hash among few
// watchers by looking at each, among many by an index.
//
// # In doubt
//
// An owner may have lost what was said. A word beside a view that is unknown counts only if it
// denies, and only for a watcher that knows a word already. It would show the watcher what another
// owner told before. A view in doubt (shard.View.Told) lifts no denial. By such a view offline is
// told to watchers that have seen the participant. For the others it is as it was, as they are told
// nothing of an id that was never seen. Where such a view isn't sure of a status, or says nothing,
// what was said before stands.
//
// # A backend's answers
//
// Where a backend is asked who may see whom (SetJudge), its answer counts beside what a participant
// trusts the viewer with: as an edge would, that allows or denies. A viewer's docket has a ruling
// for each subscription: the verdict and until when it counts. Watch asks before it asks the node.
// One timer a viewer asks again, about all that is due:
//
//	Watch ─▶ Ask ─▶ ruling ─ until ─▶ not known ─▶ Ask ─▶ ruling, mark
//	                   └─── Forget ──────┘ ▲         │ silent
//	                                       └─────────┘
//
// From the moment at which an answer counts no longer until the next one, the subscription keeps
// what it was told last: what comes isn't marked, and what was marked isn't told. Forget begins a
// new epoch of the docket. An answer to a question of an epoch before counts for nothing.
//
// Without a judge, and for a stranger, a viewer has no docket. A backend's own viewer (NewExempt)
// has none either: it sees others as a stranger does.
//
// # Who owns what
//
// Watch, Commit, Subscribe, Unsubscribe, WatchSelf and Close of one viewer are for one goroutine
// (its reader): only it adds and removes subscriptions. Drain is for another (its writer), Deliver
// for the node's, and renew for that of the docket's timer. Lock order:
//
//	caller's own ▶ Hub.interest ▶ lot.mu ▶ Viewer.mu (one viewer at a time), names.mu
//
// The locks of the node come after interest: Node.Unwatch takes them. The node calls the hub with
// none of its locks held, and the hub calls Node.Watch with none of these. A wake callback runs
// with none of them held either. Two locks span a call:
//
//   - interest is held over Node.Unwatch, which must not wait for a peer. It is what keeps a late
//     unwatch from cancelling a newer watch: without it, A's Close finds the topic empty │ B's
//     Watch joins and registers │ A unregisters: B hears nothing for ever. With it, the check and
//     Unwatch are one step, and joining comes before or after both.
//   - a caller who has a queue of its own, such as a socket's replies, holds its lock over Commit
//     or Drain together with the queueing, so that no change overtakes the snapshot it is newer
//     than.
//
// # Memory
//
// A subscription is 16 bytes at the viewer (topic, place in the topic's list, last delivered,
// wanted) and 16 in the topic's list (viewer, subscription, word). One with status has 16 more, as
// have those before it in the list. A topic is 112 bytes, its id, and an entry of a map; what
// is said is a piece of memory of its own, once for all who watch. Places of ended subscriptions
// are reused, and given back when a viewer has none left.
//
// # What it does not do
//
// It has no socket, and no timer or goroutine but those of dockets; it does not decide who sees
// what (shard.View.For does), and it does not hide failures: an owner that cannot answer gives
// Unknown in a snapshot, unless the topic already knows better, and never in a change.
package hub
