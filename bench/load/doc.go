// Package load makes the load, and notes how long everything took.
//
//	Schedule ── due, due, due ─┬▶ API.Beat, API.Query, …   a request: HTTP, few connections a node
//	                           └▶ Visitor.Beat             a frame on one of many sockets
//	Visitor: dial, hello, subscribe, read, come back       one goroutine and about 12 KB each
//	everything ──▶ Recorder: latencies, errors by kind, what was offered, what was achieved
//
// The model is open. When a request is due doesn't depend on how fast earlier ones were answered,
// and its latency counts from when it was due. A server that stalls for a second is charged with
// everything that should have happened in that second. In a loop that waits for each answer, such a
// stall would be a single slow request among thousands of fast ones, and vanish.
//
// A request can also be late because this program was. Schedule notes by how much it overslept,
// apart from the time in which all its workers waited for the server. A run that overslept much
// says so.
//
// The WebSocket client is a net.Conn and a small buffer, because ten thousand of them share a
// process, and what they cost is taken from the machine that is measured. It reads what a server
// sends, answers pings, and writes text. It doesn't check what a library would.
package load
