// Package proxies runs the configurations of docs/proxies.md, as they stand there, in front of two
// nodes, and does through them what browsers, backends and operators do.
//
//	docs/proxies.md ──▶ block, with other addresses ──▶ nginx, HAProxy or Caddy ──▶ n1, n2
//	browser (https://presence.example.com:PORT, HTTP/1.1 and HTTP/2) ──▶ ─┘           ▲
//	watcher, which must hear of nobody that they are offline ─────────────────────────┘
//
// For each proxy, at the same time as for the others: what requests may be, sockets that are
// silent, streams through compression, whose address counts, a reload with 50 sockets, a node that
// drains, one that is killed. Then nginx as its own guides have it, which refuses pages: the node
// must say so.
//
// By default pings and the proxy's limit of silence are shrunk. PRESENCE_TOOLS=full, which
// `make tools` sets, leaves them as they are, and is silent for three minutes.
//
// The nodes are at 127.0.0.11 and .12, so that the two have the same ports, as on machines of their
// own. Nothing leaves this machine.
//
// What it does not do: measure the proxies, or try versions other than Debian's.
package proxies
