// Package many tests several nodes from outside: real processes that are killed, stopped, cut off,
// restarted, joined and left, while a crowd beats, watches and asks.
//
//	crowd ── batches of heartbeats, 4 of 5 participants ──▶ any node that answers
//	      ── sockets, 1 of 5 ───────────────▶ one node each; another one when that goes
//	      ── watchers ──────────────────────▶ events: "offline" about the crowd is false
//	      ── asker, all ids over and over ──▶ answers: "offline" is false, "unknown" is counted
//	faults ─ SIGKILL, SIGSTOP, SIGTERM, a fourth node, network namespaces ──▶ three presence serve
//
// Sockets, batches and ports are those of presence-bench, from bench/load and bench/target, so that
// the figures of both come from one client. Processes are its own: they live in network namespaces,
// on disks that are slow or full, and may fail to start.
//
// Half-broken networks have more of it, see type world: a firewall of each host cuts links while
// gossip lives, a post at each node watches and asks there, and a load writes through each node.
//
// Nobody of the crowd ever leaves, so any offline is a broken promise. Each test says what it
// measured: how many were shown offline or unknown, and how long until reads and writes worked
// again.
//
// TestUpgrade has nodes of the release before, which package compat builds from the repository.
//
// The size is PRESENCE_CROWD participants: 400 by default, for `make test`; `make soak` takes
// 50,000. With it set, half-broken networks have 600 people and 200 writes of each kind a second.
// Each pair of nodes is cut for PRESENCE_UNLINK, shared by the ways in which links break. The
// binary is built with the race detector unless PRESENCE_RACE=0. With it, nodes take each other's
// processors, and what is measured is that: so `make test` has the tests with it, and the nodes
// without; `make soak` has both with it.
//
// What it does not do: look inside. What a rule protects is tested next to its code.
package many
