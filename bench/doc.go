// Package bench answers what an operator asks before buying machines. How many participants,
// sockets, heartbeats and watchers does a node carry? What do users see of a deploy? Is this better
// than what I have? The command is cmd/presence-bench.
//
//	result     the file that keeps a run
//	target     the servers: a running cluster, or child processes; what a process uses
//	load       requests and sockets that begin when they are due, and how long each took
//	scenario   what is done with all that: steady, herd, fanout, …
//	contest    two servers side by side in one run
//	redis      the same presence on Redis
//	centrifugo the same sockets and questions on Centrifugo
//	report     what people read: a page with plots, differences, a plan
//
// It talks to the public API like any client. Only two scenarios look inside: engine drives a shard
// in this process, and link makes this process a gateway.
package bench
