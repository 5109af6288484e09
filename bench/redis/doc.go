// Package redis runs the same presence on Presence and on Redis, side by side in one run, and
// reports by how much either is better.
//
//	start both, fill both          memory of each
//	 │
//	 ├─ heartbeats, ids fetched,   rounds, Presence and Redis in turn;
//	 │  deliveries                 the median of each ──▶ comparison, target
//	 │
//	 └─ lateness of offline        one long measurement of each ──▶ comparison, target
//
// Both servers are started on the same single core, and the load runs on the other cores. A Redis
// that runs already (--redis) keeps its cores and its configuration, and the result says so. Only
// one server is loaded at a time.
//
// Rounds, rates and what comes out are package contest's.
//
// # How presence is written on Redis
//
//	a heartbeat            SET <participant> online EX <deadline>, pipelined 500 at a time
//	several devices        a hash for each participant, a field for each device, with EXPIRE
//	each with its deadline the same with HPEXPIRE for each field, where the server has that (Redis
//	                       7.4, Valkey 9); HVALS of each participant asks who is there, and
//	                       events of hashes (notify-keyspace-events Eh) say whose field expired
//	who is there?          MGET of 100 or of 1,000; the better one counts
//	who has gone?          keyspace events (notify-keyspace-events Ex), which come when Redis
//	                       deletes a key, not when its time is up;
//	                       fairer: a sorted set of last signs of life, which a poller sweeps
//	                       every 100 ms
//	tell the viewers       PUBLISH to subscribers of a channel
//
// Redis gets the best that its users do: pipelining, no persistence, no key prefix, and a poller
// that costs nothing (it runs with the load). Redis is not asked for what Presence does besides:
// several devices of a participant, who may see what, one event a change.
//
// # Decisions
//
//   - Answers are checked on both sides. A fetched id that isn't online, or a heartbeat that is not
//     accepted, ends the run.
//   - Memory is resident memory above that of the empty server, once it has stopped falling. Ids
//     have 24 bytes, device ids 12.
//   - Lateness counts from the end of a heartbeat's deadline, and the deadline from the sending. An
//     event that doesn't come counts as late as the run waited for it.
//   - A Redis that runs already is used only if it holds no keys in any database: the memory of all
//     would be measured. Afterwards the run's own keys are deleted by name, never a database, so
//     what another client has written meanwhile stays; and it sends the events that it sent before.
//     It must be on this machine, because the CPU of its process is measured. A Redis in a
//     container tells a process id that is another process here, and is refused.
//   - Fields that expire are the fairest rival: a device is a field, and each has a deadline of its
//     own, as in Presence. With their events each heartbeat is an event too, which costs Redis
//     more; without them nobody would learn who has gone. HSETEX is used where it is the faster.
//   - Each comparison says the version of the server.
package redis
