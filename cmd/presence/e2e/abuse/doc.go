// Package abuse attacks the presence binary as a stranger or a user with a token may, and holds
// what it does to a table.
//
//	attackers ── 127.0.0.2 to .51, 2,000 connections ──▶ presence serve ◀── a user, from 127.0.0.99
//	                                                      │ RSS, CPU, log   ◀── /healthz
//	                                                      ▼
//	                                  attack | measured | to reach | ok
//
// How a siege goes:
//
//  1. A new node is started, with tokens signed by a key that the test makes.
//  2. Users ask it while nothing else happens: the 99 % of what that takes is "idle".
//  3. The attackers begin, and the same users go on. One that is thrown out comes again later,
//     and whoever holds something back sends a byte of it a second.
//  4. What users and /healthz waited, what the node took of memory and processors, and what it
//     wrote to its log go into the table. A row that isn't reached fails the test.
//
// The size comes from the environment. Without PRESENCE_ABUSE it is small, for `make test`: all
// attacks of a kind at once, 500 connections, some seconds. PRESENCE_ABUSE=full, which `make abuse`
// sets, takes 2,000 connections and each attack by itself, too.
//
// Latencies are compared as ratios of two runs a few seconds apart, and only in the full size, on a
// machine that does nothing else. Users ask from a process of their own, so that they wait for the
// node and not for the attackers. A second node, which nobody attacks, is asked as the first is:
// what its users wait during the attack is the machine's, whose processors the attackers share, and
// is added to the bound; so are 10 ms at least, for which the scheduler keeps anybody waiting.
//
// What it does not do: leave this machine. Everything is on loopback and ends with the test.
package abuse
