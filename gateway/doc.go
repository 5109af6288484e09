// Package gateway talks to clients: HTTP, Server-Sent Events, and the way in for WebSockets.
//
//	                 public listener                                       admin listener
//	admit ─▶ CORS ─▶ client, Host ─▶ route ─▶ token ─▶ rate ─▶ ids ─▶ access ─▶ call  /readyz, …
//	                                                                                   │
//	          ┌──────────────────────┬──────────────────────┬──────────────────────────┤
//	          ▼                      ▼                      ▼                          ▼
//	    GET, query: States     PUT, DELETE, POST      GET /v1/events             GET /v1/ws
//	    record: Inspect        batches                hub.Viewer                 socket.Server
//	          └──────────┬───────────┘                      ▲                          ▲
//	                  Cluster ───── Deliver, Evict ─────────┴──────────────────────────┘
//
// The flow of a request:
//
//  1. The listener has bounded the connection, its header and its pace (package admit). Cheap
//     refusals first: a request line that is too long, a Host that is not loopback's while tokens
//     prove nothing, a path or a method that isn't there.
//  2. The token says who asks, in which tenant; its participant's requests are counted. A header
//     may name another tenant. Ids of the path are checked and become those of the tenant (package
//     tenant), `me` is replaced, and a caller that may not do this is sent away before anything
//     that the path names is looked up.
//  3. The call counts its ids and takes room for what it is about to read (idrate.go, room.go): a
//     refusal comes before the work. It reads its query or body (see wire.Decode), asks the
//     Cluster, and appends its answer to a buffer that requests use one after another, as long as
//     it stays below 64 KiB.
//     Where a backend is asked who may see whom (package authorize), its answer is put between what
//     the Cluster says and the viewer: states and records here, subscriptions in the hub.
//  4. An error on the way, whichever layer it is from, becomes a problem with a code
//     (wire.FromError) in one place.
//
// # Decisions where the contract is silent
//
//   - The router takes the escaped path apart at its slashes and then unescapes the parts.
//     net/http's own mux would clean the path first, and redirect a request about the participants
//     ".." or "a//b" to another client.
//   - GET /v1/presence/query asks about the participant called "query"; POST there is the batch.
//   - Unknown query parameters are refused like unknown fields. In a query string "+" is a space,
//     as forms write it.
//   - A call that takes no body refuses one, as it does a query, unless it is `{}` or null.
//   - A body without Content-Type is taken for JSON; with another type or charset it is refused.
//   - A batch may be empty, unlike a list of ids. A value that is wrong, of another type, or null
//     where that means nothing refuses its item alone, and elsewhere the request. What isn't JSON,
//     and an unknown member, refuse a batch as a whole: its caller is broken.
//   - `with` may be there several times, as ids may, and name a word twice. Empty it is refused: a
//     client that builds the list has lost it. Statuses draw on the memory for requests beside what
//     the text does.
//   - `public` of others than a backend is `forbidden` whatever its value, as `viewer` is.
//   - The override `auto` takes no end: it is what others end as.
//   - The record of its own participant is the inner one also for a service token; its batches are
//     a stranger's.
//   - A read that no owner answered is a 200 with `unknown`; a write that no owner took is a 503.
//   - A request is answered in full while the node drains; sockets and streams are refused.
//   - A health check may come without Host, or to the admin listener with any: it is told the
//     status, and on loopback the reason only if Host names loopback. A browser always sends one.
//   - A page is of this server if its origin is what the client asked for: Host, or what a trusted
//     proxy says it was (X-Forwarded-Host, Forwarded). While tokens prove nothing, that must name
//     loopback as well.
//   - Preflights may ask for any header: none is looked at but those of the contract, and tracers
//     add some of their own.
//   - With a path prefix the public routes alone are below it. The contract then has it as its only
//     server.
//   - Of two origins with one host name, http and https, the own one is either: behind a proxy that
//     ends TLS the gateway can't know which.
//
// # What it does not do
//
// It keeps no presence and decides no visibility: owners and shard.View do, and a backend that is
// asked. It doesn't compress: states are small, and the length of a compressed answer would tell
// about its contents. It knows sockets only as far as the upgrade; what is said on them is package
// socket's, who watches what is package hub's.
package gateway
