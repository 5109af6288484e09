// Package contest has what every comparison with another server needs: two servers on one core, the
// same work on each in turn, and what came out.
//
//	Begin ─▶ Run ─┬ Node, Watch            the servers, and what they use
//	              ├ Quiet                  resident memory, once it has stopped falling
//	              ├ Alternate ─ Measure    works, round by round ─▶ Compare: the medians
//	              └ Finish ─▶ result.Result
//
// A rate is per CPU-second of the server: all its threads, user and system time. A server gains
// nothing by a second thread. Other processes on the machine disturb a rate per CPU-second less
// than a rate per second.
//
// What is done on the other server, its rival, is written in the package of the rival: redis,
// centrifugo. Here is what Presence does in all of them: viewers watch, and see flips.
package contest
