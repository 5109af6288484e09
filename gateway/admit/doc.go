// Package admit bounds what clients take of a listener before anything is known of them:
// connections, time and memory for headers. It stands between the socket and net/http.
//
//	accept ─▶ place in all ─▶ place of the address ─▶ [PROXY header] ─▶ [TLS] ─▶ net/http ─▶ handler
//	   │           │ full: free one that waits             │                        │           │
//	   │           └─ none: refuse with the reason         └─ the client's address  │       Pace.Body
//	   ▼                                                                            ▼
//	Conn.Read while a header is awaited: a smallest rate;         State: waiting, answering, …
//	beyond 16 KiB the header draws on a share
//
// The limits, in the order in which a client meets them:
//
//   - Config.Connections: all connections, counted at accept. A newcomer beyond it takes the place
//     of the connection that has waited longest for its next request, or, if there is none, for its
//     first one for over a second. Only if all are being answered it is refused.
//   - Places: connections of one client address. IPv6 counts by /64, as each customer has that many
//     addresses. The trusted proxies are not limited, since all clients come through them.
//   - Pace: a header must come at a smallest rate, once its grace is over; so must a body, and
//     neither may pause for longestPause. A slow phone gets through, a client that holds on with a
//     byte now and then doesn't.
//   - HeaderShares: what a header has above 16 KiB, in bytes over all connections, of which an
//     address has a quarter. Long request lines are made of ids and are rare.
//   - Config.StrangerIdle: a connection whose last answer was for no known participant idles so
//     long only.
//
// # Turns
//
// Of strangers' connections as many are worked on at once as there are processors, and one more
// that has a large header; see type gate. Measured with 2,000 strangers that hold back headers of
// 1 MB, users' p99 was 22 to 35 ms instead of 99 to 122 (idle: 18; make abuse).
//
// # A rush
//
// After a deploy thousands connect at once. None of them may stand in front of those who are here:
//
//	kernel's backlog ─ accept, in turn ─▶ line of strangers ─ in turn ─▶ read, answered ─▶ user
//	whole connections                     an epoll set                                     Go's
//
// Three things see to that:
//
//   - A stranger that waits for its client waits in a set of its own (queue_linux.go). What has
//     come stands there in order, in the kernel, until its turn. So it costs nothing before, and a
//     stranger that waits for bytes has no turn.
//   - Go looks at the network when nothing else is ready to run, and else every 10 ms. While turns
//     follow upon each other, there is a pause each millisecond in which all others that are due
//     are served (pause_linux.go).
//   - While Config.Crowd are being greeted, one newcomer a millisecond is accepted; see greet. The
//     others wait in the backlog, of net.core.somaxconn, unless that is nearly full.
//
// With 5,000 at once and one core the p99 of others' queries is 6 ms instead of 276, that of health
// checks 8 instead of 143, and all are connected after 1.0 s instead of 2.6 (presence-bench rush).
// A query on a new connection waits with the rush, in the order in which they came: 0.6 s, where it
// was 0.14 while refusals made room. Other systems than Linux have turns alone.
//
// # Refusals
//
// A refused newcomer is told why by a short answer, 503 or 429, in a goroutine that lives for a
// second at most. There are maxRefusals of them; further newcomers are closed without a word, as
// are all of them where TLS is spoken: the handshake that an answer needs would cost more than
// serving them.
//
// # Whose address it is
//
// Trusted holds the proxies that are believed. With Config.ProxyProtocol these must send a PROXY
// header (v1 or v2); it is read when the connection is first read, on that connection's goroutine,
// so a proxy that holds it back keeps nobody else from being accepted. X-Forwarded-For and
// Forwarded are walked from the right, past trusted addresses; the first other address is the
// client's. What an untrusted client sends is never looked at.
//
// # What it does not do
//
// The limit on headers isn't by path: under TLS the first bytes can't be seen here. The gateway
// refuses a header over 16 KiB whose path has no ids when it has been read; until then the budget
// bounds it. It knows no tokens: rates of participants, and what a handler reads and answers, are
// the gateway's.
//
// Lock order: Conn.mu, Listener.mu, queue.mu and pause.mu are each taken alone. No lock is held
// over a read, a write or a close of a connection.
package admit
