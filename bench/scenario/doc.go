// Package scenario has the scenarios of presence-bench: each answers one question of an operator.
//
//	steady    what does a crowd cost that is simply there?
//	herd      what if all connect at once, and again after all connections were lost?
//	rush      how long do others wait while all connect at once?
//	fanout    how soon, and at what price, do changes reach viewers?
//	query     how many ids can be asked for?
//	churn     what do short visits leave behind?
//	expiry    how late is a participant shown offline who left without a word?
//	failover  what do users see when a node dies?
//	rolling   what do users see of a deploy?
//	capacity  at what load does the service level break, and what breaks?
//	engine    how fast is the shard by itself?
//	link      how much goes over the link between two nodes?
//	sockets   what do as many sockets take as a process may have, on several nodes?
//	scale     what grows with the number of nodes?
//
// Execute runs one. It starts the nodes or finds them, watches the processes, keeps phases and
// series, and notes what makes figures doubtful. A scenario makes the load and the figures.
//
//	Execute ─ prepare ─▶ scenario.run ─ "people arrive", "warm-up" ─ measured phases ─▶ figures
//	   └───────────────────────────────────────────────────────────────────────▶ result.Result
//
// A rush, and the load of sockets, are made by processes of their own, Rushers, which this program
// starts of itself.
//
// Ctrl-C ends the phase that runs. What was measured until then becomes a result with a note.
package scenario
