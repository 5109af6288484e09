// Command calendar shows people as busy while their calendars say so: a job to run beside Presence.
// docs/calendar.md tells how to start it.
//
//	feeds ── GET, every 5 min ──▶ package busy ─▶ blocks ─▶ plan ── PUT, DELETE ──▶ presence
//	                                                         ▲            │
//	                                                         └────────────┘
//	                             wakes at the next start, end or renewal
//
// A claim is a lease. It ends with the event, but at most -hold from now, and is renewed while the
// event goes on. So a job that has died leaves nobody busy, and one that is started anew drops what
// the calendar doesn't say any more.
//
// It never says what an event is about: that isn't even read.
package main
