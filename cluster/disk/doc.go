// Package disk keeps what a node must remember when the whole cluster is stopped, or loses power.
//
//	Append(Records, partition)  ──▶ buffer ──▶ flusher: write, fsync, ──▶ 00000007.log
//	Append(Snapshot, partition) ──▶   │        all that has gathered
//	                             Sync waits ◀───────────┘
//
// Entries are opaque and belong to a partition. A snapshot replaces all earlier entries of its
// partition, an entry to forget ends them. When the log has grown to several times what it was
// after the last compaction, a new file is begun and the owner of the log is asked for a snapshot
// of each partition; the older files are removed once those are on disk. Appending and syncing go
// on meanwhile. Shorten asks for that whatever the size, so that what was forgotten is in no file
// any more.
//
// # Trouble
//
//	well ──▶ tight     no room for more than what is under way        ──▶ well    when there is room
//	  │        │       (fallocate keeps some, whoever fills the disk)
//	  └────────┴──▶ failed  a write or sync failed, or the path names    ──▶ behind  when a file can be
//	                        something else; nothing is taken                 begun and has room
//	                behind  all is written to a new file                 ──▶ well, or failed again
//
// Trouble says so, for whoever wants to refuse something before it is stored: a change that is in
// memory, and perhaps was seen, can't be undone when the disk turns out to be full. In each of
// these states it is tried again every 200 ms, a rewriting that failed more and more seldom.
// Nothing of what has failed is used again, since after a failed fsync nobody knows what a file
// has.
//
// What is acknowledged must be found by a restart. So at each group commit the path must still name
// the directory, the lock and the file that are open; the older files are looked at every 200 ms.
// When a directory was deleted it is not made: it may be a file system that will be mounted again.
// One that is made, or is back, is taken if it is locked by nobody and has no files but this log's:
// those that somebody put there wait for a restart, which reads them.
//
// # Damage
//
// Every entry has a checksum. What is no whole entry at the end of the last file is what a power
// cut leaves of an entry that was never acknowledged. It is cut away and, as it may also be one
// that was, and has gone bad since, kept as FILE.torn. Any other damage is named, taken out of the
// file and kept as FILE.damaged; what is whole before and after it is loaded: entries are found
// again by their marker and checksum. Pieces of 64 MiB are kept in all. So each damage is reported
// once.
//
// Only files with names that this package gives are touched. Another one that ends in .log is
// named, and the log is not opened.
//
// # What it does not do
//
// It doesn't know what entries mean, and can't tell whether a whole file was missing before it was
// opened. A directory belongs to one process at a time: a lock sees to that.
package disk
