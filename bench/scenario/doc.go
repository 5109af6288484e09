// Package scenario is what presence-bench can do: each scenario answers one question of an
// operator.
//
//	steady    what does a crowd cost that is simply there?
//	herd      what if everybody connects at once, and again after all connections were lost?
//	fanout    how soon, and at what price, do changes reach those who watch?
//	query     how many ids can be asked for?
//	churn     what do short visits leave behind?
//	expiry    how late is somebody shown offline who left without a word?
//	failover  what do users see when a node dies?
//	rolling   what do users see of a deploy?
//	capacity  at what load does the service level break, and what breaks?
//	engine    how fast is the shard by itself?
//	link      how much goes over the link between two nodes?
//
// Execute runs one: it starts the nodes or finds them, watches the processes, keeps phases and
// series, and adds to the result what makes its figures doubtful. A scenario makes the load and the
// figures.
//
//	Execute ─ prepare ─▶ scenario.run ─ phase "arrive" (warm-up) ─ phase "warm-up" ─ measured phases ─▶ figures ─▶ result.Result
//
// A Ctrl-C ends the phase that runs; what was measured until then becomes a result with a note.
package scenario
