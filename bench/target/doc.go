// Package target is what is measured: the nodes of a cluster, which are child processes on loopback
// or run elsewhere already, and what a process uses of the machine.
//
//	Binary ──▶ StartLocal ──▶ Node ── Kill, Stop, Restart
//	                           │ pid
//	Meter ── every 250 ms ─────┴─ UsageOf ──▶ result.Process: CPU-seconds, resident memory
//
// CPU-seconds are user and system time together, from /proc. For a server of small messages most of
// the cost is the kernel's.
//
// On two cores or more, servers and generator are kept apart. On one core they would take time from
// each other, and the latencies would be those of the scheduler.
//
// A child inherits the cores of the thread that starts it, so no other program is needed. That
// thread stays as long as the child. When it ends, with this program, the kernel kills the child,
// so that none is left behind. This works on Linux. Elsewhere nothing is pinned, no use is
// measured, and the result says so.
package target
