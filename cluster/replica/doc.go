// Package replica keeps a second copy of each partition at another node, its backup.
//
//	owner                                                          backup
//	host ── Put(records) ─▶ pending ─▶ stream: one call under way,
//	                        or fill    of all that waits ──────▶ Receiver ─▶ Copies, Disk
//	WaitFact, WaitFlip ◀── got, kept ◀──────────── answers ◀────────┘
//
// The owner's half is type Mirror. Of each partition it knows which node is the backup, and what
// that has not been sent. A backup has one stream, with one call under way. Meanwhile records
// gather, and the next call takes them all. A backup with nothing to apply records to gets a
// snapshot instead: it is filled. That is so for a new one, for one that was out of sight, after a
// call that failed, after a refusal, and where more than maxPending bytes wait. What a backup
// refused is sent again after a pause that grows, while everything else goes on.
//
// shard's extras wait beside the records, and are shipped with them.
//
// The backup's half is type Receiver. It reads what comes, gives it to Copies, and answers of each
// partition whether it is in memory (got), on the disk too (kept), or refused.
//
// # How large a snapshot is
//
// It goes in one frame (link.MaxBulk, 128 MiB). 60 participants with 10,000 blocks of 193 bytes
// could fill that, and so could 7,000 that say all they may. So the exceptions and statements of a
// partition together have a limit (host.MaxWeight, 32 MiB):
//
//	both, from two nodes that each took as much as they may             64 MiB
//	participants and devices, at 1.2 KB with the longest names: 50,000   60 MiB
//	erasures, at 56 bytes: 70,000                                         4 MiB
//
// Beyond the first the outcome is shard.Full, which a client is told as `unavailable`. Of erasures
// the oldest goes (Settings.MaxErasures). The number of participants has no limit. A partition has
// 1 in 4,096 of all, so 50,000 in one are 200 million in the cluster, or ids that were chosen for
// it. One with an override and an id of 128 bytes takes 140 bytes, so 400,000 of those, 54 MiB, fit
// as well. A snapshot that is larger than a frame can't be sent: the partition then has no backup
// and can't move, until there are fewer.
//
// # What waits for what
//
//	record           waits for the call before it to the same backup
//	flip (WaitFlip)  a join, a leave or a flip waits until it is in the backup's memory
//	fact (WaitFact)  an override, a registration or a window: until it is on its disk, too
//	answer           waits for the backup's disk, for all shipments of the call at once
//	heartbeat        waits for nothing: it makes no record
//
// A wait ends with the context of its caller. Missed says that the backup may not have it.
//
// # What is refused
//
// A fact waits only while there is hope. A backup that is silent may have died, and then another
// one comes, so those that wait go on waiting. For others nobody waits. The verdict is Refused at
// once:
//
//	the backup answers pulses, and a call not for slowAfter    it is slow
//	it answers gossip alone                                    it is cut off, and stays on the
//	                                                           ring for longer than callers wait
//	it has the fact in memory, and its disk failed or is slow  for facts; a flip needs no disk
//	MaxFacts facts wait for it, or maxFlips flips wait here    their places are other calls'
//
// A slow backup is so until it answers a call. When a partition is released, as it is to be served
// elsewhere, what waits is Missed: it is tried again at the next owner.
//
// A backup refuses what doesn't fit its own view: that is for Copies to say. Numbers of calls tell
// it of a call that was given up, and arrives after the one that was sent again.
//
// # Locks
//
// Mirror has one lock, mu, for all partitions and streams. It is short: no call, no snapshot and no
// wait happens under it. Waiters are answered under it, which never waits.
//
//	host's stripe ▶ disk.Log.mu           Put writes to the journal, then
//	host's stripe ▶ Mirror.mu             notes the record, both under the partition's stripe
//	Steward.mu ▶ Mirror.mu                Assign and Release
//	Steward.copies ▶ host's stripe        Copies.TakeReplica: Apply, Fill
//
// So Mirror.mu is the last: nothing is taken while it is held, and Snapshot, which takes a stripe,
// is called without it. What has changed meanwhile is looked at afterwards.
//
// # What it does not do
//
// It doesn't choose the backup, and doesn't know whether a partition is served: it is told (Assign,
// Release). It doesn't say what a caller is answered after a verdict.
package replica
