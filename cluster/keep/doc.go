// Package keep has on a disk what a node must know after all nodes were stopped, or lost power:
// what it serves, and what it is a backup of. So every acknowledged fact is on two disks.
//
//	own partitions     records ─▶ Records;  merged: Save      ─▶ acknowledged after Sync
//	copies             filled ─▶ Snapshot;  applied: Records  ─▶ the owner is answered after Sync
//	dropped            Forget
//
// Extras, such as edges, statuses and all that is of tenants' participants, have entries of their
// own (disk.Extras). Opaque facts, which a version to come writes, are within these entries, so
// this version reads them, and writes them anew when it compacts.
//
// A snapshot with extras is two entries: these, and behind them the rest.
//
//	… [SnapshotExtras of 8] [Snapshot 8] [Records] [Extras] …
//
// The Snapshot replaces all that was before it, so it comes last: torn in front of it, the file has
// what it had. Extras that were left alone so must not come to a later snapshot. So they have the
// hash of their own.
//
// Package disk writes entries and knows nothing of them. This package knows what they mean, and how
// a host is made of them again.
//
// # After a start
//
// What was loaded is held: it is pushed to whichever node owns it, or served once no other node
// turns out to hold it. Nobody is online by it, as nobody has been heard of. Overrides, windows,
// registrations and last-seen stand. Where others have served meanwhile something may be missing in
// it, and it counts as such. What is older than a day (Old) is not put before others that have gone
// on without this node for an hour or more: what they have forgotten since must not come back.
// Where all were stopped, nobody has gone on, and it counts. Package handoff decides which it is,
// by what the others say. Nothing is forgotten before that.
//
// # Trouble
//
// A fact must be on two disks. What one of them would refuse is refused before anything is stored:
// the owner asks its own disk (Words), and remembers what its backup has said (Complaints). So a
// refusal leaves nothing behind, in memory, on a disk, or with those who watch. Each step sees a
// full disk coming before it is full, so there is no moment between:
//
//	backup: its log has room for what is under way, and for no more ─▶ tells all others (Tell)
//	owner:  refuses facts whose backup that is, for as long as it says so
//
// A disk that fails without warning, by an error or because the directory was deleted, is found by
// the write that fails. That one fact is in memory, is refused, and may be seen. It is on the disks
// once these are written anew. The same holds where the owner's disk takes what the backup's
// doesn't.
//
// # Locks
//
// Complaints.mu is taken alone. Save writes to the log under the partition's lock in the host, and
// a compaction (host.Rewrite) holds the host's list of who has left around all of its Saves:
//
//	host: left ▶ partition ▶ disk.Log
//
// No lock is held while Sync waits, or while Tell tells.
package keep
