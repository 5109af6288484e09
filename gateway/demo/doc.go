// Package demo is one self-contained page to try presence in a browser: sign in as anyone, watch a few ids, see the dots
// change.
//
//		GET / ──▶ page.html (style and script inside) ──▶ WebSocket /v1/ws of the same origin
//
//	 1. The page is embedded; it loads nothing else, from here or from anywhere.
//	 2. Its style and script are allowed by their hashes, taken from the page at start-up. An injected script would not run.
//	 3. It talks to the server like any client: hello, subscribe, heartbeat, override, goodbye, and it reconnects with full
//	    jitter unless the close code says not to.
//
// It is for trying out: the token is typed in, and kept nowhere but in the tab. It doesn't watch for real activity.
package demo
