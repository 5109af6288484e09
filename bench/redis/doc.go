// Package redis runs the same presence on Presence and on Redis, side by side in one run, and says
// by how much either is better.
//
//	                         ┌─ heartbeats ── ids fetched ── deliveries ─┐   rounds, ours and Redis in turn
//	start both, load both ───┤                                           ├──▶ median of each ──▶ comparison, targets
//	 (memory of each)        └─ lateness of offline: one long look each ─┘
//
// Both servers, when both are started here, are kept to one core, the same one; the load is on the
// others. A Redis of somebody else (--redis) stays on the cores and in the configuration that it
// has, and the result says so. Only one of them is loaded at a time. A rate is per CPU-second of
// the server: all its threads, user and system time, so a server that uses more than one thread
// wins nothing by it, and neighbours on the machine disturb less than they would disturb times.
//
// # How presence is written on Redis
//
//	a heartbeat            SET <participant> online EX <deadline>, pipelined 500 at a time
//	several devices        a hash for each participant, a field for each device, with EXPIRE
//	who is there?          MGET of 100 or of 1,000; the better one counts
//	who has gone?          keyspace events (notify-keyspace-events Ex); they come when Redis deletes a key, not when its time is up
//	                       fairer: a sorted set of last signs of life, which a poller sweeps every 100 ms
//	tell those who watch   PUBLISH to subscribers of a channel
//
// Redis gets the best that its users do: pipelining, no persistence, no key prefix, and a poller
// that costs nothing (it runs with the load). What Presence does besides (several devices of a
// person, who may see what, one event a change) Redis isn't asked to do.
//
// # Decisions
//
//   - What an answer says is checked on both sides: a fetched id that isn't online, or a heartbeat
//     that is not accepted, ends the run.
//   - The memory is resident memory, in excess of the empty server's, when it has stopped falling.
//     Ids have 24 bytes, device ids 12.
//   - Lateness counts from the end of the deadline of a heartbeat, which begins when it was sent.
//     Events that are not seen in time count as late as was waited for them.
//   - A Redis that somebody else runs is used only when it is empty and on this machine: its keys
//     are flushed, and its process must be there to be looked at: one in a container tells a number
//     that is another process here.
package redis
