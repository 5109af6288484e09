// Package memnet is a network in memory for tests in virtual time (testing/synctest): hosts with
// addresses, streams that come late, packets that get lost or come twice, cables that are cut.
//
//	Network ─┬─ Host 10.0.0.1 ── Listen, Dial ──▶ net.Conn: a pipe each way. Bytes wait for
//	         │                                    their time, and for the way to be open
//	         └─ Host 10.0.0.2 ── Gossip ────────▶ memberlist.Transport: packets that are
//	                                              dropped, repeated, delayed
//
// A stream is what TCP makes of a bad network: nothing in it is lost or turned over, it only comes
// late, and when the way is open again all of it comes. A packet for which the way isn't open is
// gone.
//
// Faults are of ways, one direction at a time (Cut, Heal), of a part of what goes there, as by a
// firewall's rule (CutPort, CutAnswers, CutMark, CutPackets, SlowMark), or of hosts: one that is
// frozen sends and gets nothing, as a process that was stopped; one that is killed has its streams
// reset, as the kernel does for a process that ended; one that vanished says nothing any more, as
// after a power cut.
//
// # What it does not do
//
// It models no bandwidth and no congestion, and streams don't break by themselves, however long the
// way is shut: that is left to the time limits of those who use them.
package memnet
