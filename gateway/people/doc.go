// Package people asks the cluster about participants, and tells it of them, for the gateway.
//
//	HTTP calls, sockets ── tenant.Participant, tenant.List ─▶ People ── inner ids ─▶ cluster
//	                    ◀─────────────── bare ids ────────────────┘
//
// The cluster takes strings. So that no bare id gets there, the gateway has no other way to these
// calls: what names a participant takes a type that only a tenant makes. Items of a batch are made
// by Heartbeat, DirectMessage and Edge for the same reason; TestItemsAreMadeHere finds any other.
//
// Answers that name participants are given with bare ids: the peers of an Account's windows, and
// Blocks, and those of Said.
//
// # What it does not do
//
// It checks no ids and decides nothing. Watching is package hub's, which takes the same types.
package people
