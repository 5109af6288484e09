// Package sim runs whole clusters in virtual time, with faults, and holds what viewers see against
// a model. It has only tests.
//
//	seed ─▶ script: steps of clients and faults, each with its time
//	           │
//	world ─────┴─▶ nodes (gossip, links, shards, gateways) on cluster/memnet, whose clocks drift
//	           ├─▶ sessions: WebSockets and event streams; they connect again elsewhere
//	           └─▶ queries: somebody asks somewhere as somebody, all the time
//	                  │ what was called, and how it ended          │ what was seen
//	                  ▼                                            ▼
//	           model: what each viewer may see when ──▶ allowed? ──no──▶ seed, story, shortest script
//
// Everything runs in a bubble of testing/synctest: hours take seconds, and a timer is never late. A
// script is a pure function of its seed; what happens by it nearly so, as goroutines that are ready
// at one moment of virtual time run in any order.
//
// # The model
//
// The model knows calls, not states: when each began, when and how it ended. What may be seen
// follows from that: a call that is under way, or failed, may have been carried out or not; one
// that was answered was. A device must be live until a deadline after it began the latest call that
// was answered, and may be live until a deadline after it may have been heard last; after a fault,
// for one deadline more. While nodes can't reach each other, each side may still show what was
// before.
//
// Blocks, edges and visibilities are facts like picks, and an edge's end is on time: trust_test.go
// says what a viewer of each class may see by them.
//
// Statuses, claims and overrides with an end are facts, too: said_test.go. Each text is said once,
// so it is known of what is seen when it was said and when it ends. Nobody may see one after that,
// nor a stranger one that was said while its participant hid. Nobody is told one twice. Worlds with
// nodes of the version before have none.
//
// Where there are no faults more is known: TestOneEventAChange wants each viewer to be told each
// state and each status that it may see, in order, and nothing else. TestEndsToTheTick wants ends
// on time, to the tick, whatever happens to an owner, and with clocks that are seconds apart.
//
// # Namesakes
//
// A tenant has participants by the same ids, who do things all the time. The model doesn't know of
// them: whatever is seen of one is a broken promise. TestTenantsDontMeet compares what each of two
// tenants is answered and told with a run in which the other does nothing.
//
// # Who may not see
//
// TestAsNeverSeen plays all that participants do, and others have with them, beside a viewer that
// is blocked, denied by an edge, a stranger of those whose default is "allowed", or nobody. All
// that it is answered and told must equal what it is where nobody has done any of that.
//
// # What is neither dead nor well
//
// TestHalfBroken plays faults of a part: links are cut while gossip lives, one class of them is
// stuck or late, a disk takes seconds, backends write more than can be taken, a node doesn't find
// the others. A pair that is cut may be noticed for seconds only, then even writes are taken. A
// node that reaches no other one may say "unknown" for as long as that lasts, is not ready, and
// sends its clients elsewhere. One that has found nobody must not call anybody offline. See
// broken_test.go, bounds_test.go and astray_test.go.
//
// # What it does not do
//
// It doesn't lose acknowledged facts on purpose: no two nodes are killed before the third has all.
// Disks are slow or aren't there, and never fail; the network's bandwidth isn't simulated. A pause
// stops a node's clock, its sends and its dials, not its other timers, so its links have timed out
// when it wakes up.
package sim
