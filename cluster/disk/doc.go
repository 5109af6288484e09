// Package disk keeps what a node must remember when the whole cluster is stopped or loses power.
//
//	Append(Records, partition)  ──▶ buffer ──▶ flusher: write, fsync, ──▶ 00000007.log
//	Append(Snapshot, partition) ──▶   │        all that has gathered
//	                             Sync waits ◀───────────┘
//
// An entry is bytes of one partition, which mean nothing here. A Snapshot replaces all earlier
// entries of its partition. A Forget ends them.
//
// # Compaction
//
// When the log has grown to four times what it was after the last compaction, a new file is begun.
// Config.Compact then appends a Snapshot of each partition. Once all of those are on disk, the
// older files are removed. Appending and syncing go on meanwhile. Shorten asks for a compaction
// whatever the size: afterwards no file has what was forgotten.
//
// # Trouble
//
//	well ──▶ tight     no room for more than what is under way         ──▶ well    when there is room
//	  │        │       (fallocate keeps some, whatever else fills the disk)
//	  └────────┴──▶ failed  a write or sync failed, or the path names  ──▶ behind  when a file can
//	                        something else; nothing is stored              be begun and has room
//	                behind  all is written to a new file               ──▶ well, or failed again
//
// A caller asks Trouble before it changes anything. A change that is in memory, and perhaps was
// seen, can't be undone when the disk turns out to be full. Each of these states is tried again
// every 200 ms; rewriting that failed, more and more seldom. A file that has failed is never used
// again: after a failed fsync nobody knows what it has.
//
// A restart must find what was acknowledged. So at each group commit the path must still name the
// directory, the lock and the file that are open. The older files are checked every 200 ms. A
// directory that was deleted is not made again, as it may be a file system that will be mounted. A
// new directory, or the old one come back, is used if nobody has locked it and it has no files but
// this log's. Files of another origin wait for a restart, which reads them.
//
// # Damage
//
// Every entry has a checksum. Bytes at the end of the last file that are no whole entry are what a
// power cut leaves of an entry that was never acknowledged. They are cut off. They may also be an
// acknowledged entry that has gone bad since, so they are kept as FILE.torn.
//
// Any other damage is named, taken out of the file and kept as FILE.damaged. What is whole before
// and after it is loaded: entries are found again by their marker and checksum. So each damage is
// reported once. Pieces of 64 MiB are kept in all.
//
// Only files with names that this package gives are touched. Another one that ends in .log is
// named, and the log is not opened.
//
// # Locks
//
//	caller's own ▶ Log.mu
//	Log.noting
//
// Neither is taken under the other. Log.mu is held over no call of the file system: Append, Trouble
// and Shorten return at once, however slow the disk is, and may be called with locks held. Under it
// Config.Clock and the logger are called, so neither may call the log. Log.noting is held while a
// note is written, which takes as long as the disk does. The flusher skips notes rather than wait
// for it; only when the directory is another one does it wait. Sync and Written wait with no lock
// held, and must be called with none.
//
// # What it does not do
//
// It doesn't know what entries mean. It can't tell whether a whole file was missing before it was
// opened. A directory belongs to one process at a time, which a lock on a file ensures.
package disk
