// Package presence is the Go client of a Presence server: a device or a watcher that stays
// connected, and batches for backends. docs/client-go.md shows how it is used.
//
//		Client.Run ─▶ token ─▶ dial, hello ─▶ welcome ─▶ reader ─▶ func(Event)
//		   ▲                                         └─▶ writer ◀─ outbox ◀─ picks, pulse, interest
//		   └── course: is there another attempt, and when? ◀── the connection ends
//
//		API ─▶ HTTP, one request ─▶ Answer or *Error
//		    └▶ States, Beat, DirectMessages: as many requests as it takes, an error for each item
//
//	 1. Run connects with full jitter between attempts: any time below a ceiling of 1 s, 2 s, 4 s …
//	    30 s. A node that leaves names the time itself; that is no failure, and the device stays.
//	 2. After each welcome the outbox tells what the server doesn't know on this connection: the
//	    override that was picked last and isn't acknowledged, the activity, who is watched. The
//	    snapshot that follows is all the repair that a gap needs, because the latest state wins.
//	    Only differences are reported.
//	 3. A heartbeat asks for its answer. A server that is silent for 10 s is given up.
//	 4. Without a connection for a minute, what was known is Unknown.
//	 5. When the context of Run ends, the device is signed out, within 2 s.
//
// # The end
//
// Run ends by itself when trying again is pointless: the device was signed out elsewhere (1000),
// the server couldn't read a message (4004), the same device connected again (4006), the hello is
// refused for what is in it, or a fixed token is refused (4001, 4002). A Config.NewToken is asked
// again instead: at once if the token was a good one that has expired, else after half to all of
// the ceiling. An address at which nothing answers is tried for ever: a program that would rather
// end sees a Lost before the first Welcome.
//
// # What it does not do
//
// It doesn't renew a token over a connection that is there. The server hangs up when it expires,
// and the client is back at once, which no viewer sees. It doesn't find out whether a person is
// there: SetActivity tells it. It does not compress.
//
// # Where it lives
//
// Beside the TypeScript client, and named as programs call it: presence.New, presence.API. It is in
// the server's module, so that each change of the protocol is tested with both of its ends. Yet it
// imports nothing of the server, and one module from outside, github.com/coder/websocket: that is
// all that another module links which imports it.
package presence
