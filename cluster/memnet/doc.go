// Package memnet is a network in memory for tests in virtual time (testing/synctest). It has hosts
// with addresses, streams that come late, packets that get lost or come twice, and cables that are
// cut.
//
//	Network ─┬─ Host 10.0.0.1 ── Listen, Dial ──▶ net.Conn: a pipe each way. Bytes wait for
//	         │                                    their time, and for the way to be open
//	         └─ Host 10.0.0.2 ── Gossip ────────▶ memberlist.Transport: packets that are
//	                                              dropped, repeated, delayed
//
// A stream is what TCP makes of a bad network. Nothing in it is lost or swapped. It only comes
// late, and when the way is open again, all of it comes. A packet for which the way isn't open is
// gone.
//
// Faults are of three kinds:
//
//   - of a way, one direction at a time: Cut, Heal;
//   - of a part of what goes there, as by a firewall's rule: CutPort, CutAnswers, CutMark,
//     CutPackets, SlowMark;
//   - of a host. One that is frozen sends and gets nothing, as a process that was stopped. One that
//     is killed has its streams reset, as the kernel does for a process that ended. One that
//     vanished says nothing any more, as after a power cut.
//
// # Locks
//
//	Network.mu ▶ pipe.mu (one at a time)
//	deadline.mu
//
// Nothing waits with one of them held: reads, writes and dials wait for channels, as a goroutine
// that waits for a mutex stops virtual time.
//
// # What it does not do
//
// It models no bandwidth and no congestion. Streams don't break by themselves, however long the way
// is shut: the time limits of their users end them.
package memnet
