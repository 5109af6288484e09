// Package disk keeps what a node must remember when the whole cluster is stopped, or loses power.
//
//	Append(partition, records)   ──▶ buffer ──▶ flusher: write, fsync, as many as have gathered ──▶ 00000007.log
//	Snapshot(partition, all)     ──▶   │                                          │
//	                              Sync waits ◀────────────────────────────────────┘
//
// Entries are opaque and belong to a partition. A snapshot replaces all earlier entries of its partition, an entry to forget
// ends them. When the log has grown to several times what it was after the last compaction, a new file is begun and the owner of the log
// is asked for a snapshot of each partition; the older files are removed once those are on disk. Appending and syncing go on meanwhile.
//
// # Damage
//
// Every entry has a checksum. What is no whole entry at the end of the last file is what a power cut leaves of an entry that was never
// acknowledged. It is cut away and, as it may also be one that was, and has gone bad since, kept as FILE.torn. Any other damage is named, a copy of the file as it was found first is kept as FILE.damaged, and what is whole before
// and after it is loaded: entries are found again by their marker and checksum.
//
// # What it does not do
//
// It doesn't know what entries mean, and can't tell whether a whole file is missing. A directory belongs to one process at a
// time: a lock sees to that.
package disk
