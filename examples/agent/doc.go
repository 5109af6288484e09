// Command agent shows an AI participant as online only while its model answers: to run beside an
// agent, or to begin one's own with. docs/agents.md tells how to start it.
//
//	model ◀── GET or POST, every 30 s ── probe ─▶ it answers: a heartbeat ──▶ presence
//	                                           └▶ it doesn't: nothing
//
// Saying nothing is the point. A process that hangs, a machine that is gone and a model that fails
// all look the same from outside: no heartbeat comes, and a deadline later the agent is offline.
package main
