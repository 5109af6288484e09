// Package host owns the partitions of a node: it adds to package shard what that leaves out, which
// is locks, a clock, and gateways to tell.
//
//	gateways            Attach Beat Heartbeats States Watch …          any goroutine
//	   ▲                          │
//	   │ Deliver, Evict           ▼
//	outbox ◀── publish ── stripe (64 locks, interest) ──▶ partitions (4096), a shard.Memory a stripe
//	latest view and           ▲
//	words of each id          │ Advance, of the partitions whose next tick has come
//	                        ticker
//
// # The flow
//
//  1. A call hashes the id, locks the stripe of its partition, and applies the operation at the
//     current tick.
//  2. publish, still under the lock, notes when the partition wants to be advanced next and puts
//     what changed, if a gateway watches it, into the outbox of each gateway that does.
//  3. The outbox's goroutine hands the latest views to the gateway, without any lock. While the
//     gateway is busy the next ones gather, one of each id: nothing queues up.
//  4. Watch registers the interest, and reads the view and the exceptions of those who ask, in one
//     critical section, so no change falls between. What changed before is handed over before the
//     answer.
//
// Exceptions, such as windows, travel one pair at a time: a Sight answers for the viewers that are
// asked about, a Word tells of one that has begun or ended. A list of all would grow with the
// number of people a participant writes with. It would be needed only while the participant hides:
// a viewer with a clock could see that it does. An outbox keeps maxWords of an id, and beyond them
// the gateway asks anew.
//
// # Batches
//
// The design has a lock for each partition. There are 64 stripes instead, because a batch of
// heartbeats touches as many partitions as it has items: taking and leaving a lock for each makes
// the processor wait for the memory of one item before it asks for the next one's. A batch takes
// the locks of all its stripes in ascending order, asks for all the memory it will need
// (shard.Partition.AheadCell), and then applies the items.
//
// # What is said beside a state
//
// Few say anything, so a change always has what its participant says now (shard.Sayings), and an
// answer has it if the question asks for it. Who is told of a change decides whom it concerns: to
// keep apart who watches with statuses would take more memory, for each id that is watched, than
// now and then a change in vain.
//
// # Time
//
// Ticks count the time since the start in which the process ran. After a gap of over a second, as
// after SIGSTOP or on a starved machine, the gap is left out: a device that could not
// be heard isn't called gone, and all deadlines move by it.
//
// What has an end ends by the wall clock. Each tick has a Unix time; it follows when that clock is
// set by over a second, or has gone on while the machine was suspended. See wall.go.
//
// # Roles
//
// A host that is alone serves every partition. One among several has a role for each. It serves
// some, follows others as a copy, and holds what it is about to hand over. A table has the legal
// moves from role to role (role.go). Whether a question may be answered is asked in one place
// (Host.answer); how sure the answer is, the partition says itself (shard.Partition.Warm).
//
// Changes of what is followed go to the Mirror as records, from the
// same critical section that made them. A host that comes out of a gap holds all it served, and
// serves it again only when told: meanwhile others may have taken it over.
//
// # What it does not do
//
// It doesn't know other nodes: who owns what, and how state gets there, is the business of package
// cluster. Snapshot and Merge move a partition, Fill and Apply make a copy follow one.
package host
