// Package centrifugo compares Presence with Centrifugo, side by side in one run: what a socket
// takes, what connecting costs, how changes reach many, and how many can be asked for.
//
//	Binary ── go install, once ──▶ start ─┬ memory       a crowd connects to each and stays
//	                                      ├ connects     crowds come and go, in turn
//	                                      ├ deliveries   rounds, in turn
//	                                      └ queries      rounds, in turn ──▶ comparison
//
// Rounds, rates and what comes out are package contest's.
//
// # How presence is written on Centrifugo
//
//	a participant is online   a client, subscribed to a channel of its own that has presence
//	who is there?             presence or presence_stats of channels, one by itself or a batch of
//	                          them; the better one counts
//	tell the viewers          publish to the subscribers of a channel that has no presence
//
// Centrifugo gets what costs it least: the memory engine, no tokens, no logs, no compression,
// connect and subscribe in one frame. It is not asked for what Presence does besides: several
// devices of a participant, states other than online, who may see what, one event a change.
//
// # Decisions
//
//   - The program is built by go install at a pinned version, and kept in the user's cache. The
//     version is in each row. --centrifugo names another one.
//   - The protocol is spoken by a client of a page, on the small WebSocket of package load, which
//     Presence's sockets use too: both servers get the same load. Centrifugo's own client keeps
//     several goroutines and timers a connection, and there are ten thousand in this process. Both
//     servers are asked by the same HTTP client.
//   - Answers are checked on both sides. Who is asked for is online, with one connection; a socket
//     that is lost ends the run.
//   - Connecting counts up to where others see it: on Presence a hello with a device, on Centrifugo
//     a subscription. What leaving costs doesn't count.
//   - Memory is resident memory above that of the empty server, once it has stopped falling, for at
//     most a minute. A runtime that gives memory back later than that is charged with it.
package centrifugo
