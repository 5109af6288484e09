// Package dial is a small Go client for the WebSocket of API.md: what the command line's watch and beat stand on.
//
//		Keep ──▶ Dial ──▶ hello ─▶ welcome ──▶ subscribe ──▶ Next, Next, Next … ──▶ func(Event)
//		  ▲                                       │ every heartbeat interval: heartbeat, ping
//		  └── wait: full jitter, or after_ms ◀────┘ the connection is lost
//
//	 1. Dial opens one connection, says hello and waits for the welcome.
//	 2. Keep repeats that for as long as its context lives. It subscribes again after every welcome; the snapshot that
//	    follows is all the repair a gap needs, because the latest state wins.
//	 3. The close codes that API.md marks "do not reconnect" end Keep with an error; so does a first attempt that fails,
//	    since a mistyped address would otherwise be tried for ever.
//	 4. When the context of Keep ends, its device is signed out with a goodbye, bounded by leaveTimeout.
//
// It holds no state of its own: whoever wants a map of states keeps one. It does not compress, does not queue writes while
// disconnected, and does not renew tokens.
package dial
