// Package demo is one page to see presence in a browser: people side by side, what each sees and
// was told, and the cluster.
//
//	page/*.ts, *.css, index.html ──┐
//	client/src (the npm package) ──┴─▶ build.mjs (esbuild) ──▶ dist/index.html ──▶ embedded ──▶ GET /
//
// How it is made, and what it does:
//
//  1. page/ is the source. dist/index.html is made from it by `make demo` and committed, so that Go
//     alone builds the server; `make demo-check` says whether it is fresh.
//  2. The page is one file and loads nothing else, from here or from anywhere. Its style and script
//     are allowed by their hashes, taken at start-up: an injected script would not run.
//  3. It is a client like any other: the npm package for everything live and for blocks, and HTTP
//     calls for "last seen", a person's devices, direct messages and the cluster view. There is no
//     call for the demo alone. What the welcome doesn't name among its features, the page doesn't
//     offer.
//  4. It talks to the server it came from and to no other (connect-src 'self'). When that node dies
//     the page waits for it; to see that nobody flickers then, put something that balances in front
//     of several nodes, as the browser tests do.
//
// It is for trying out. The token is the participant's id (--auth=insecure), or typed in and kept
// nowhere but in the page; what a backend and an operator may do, it does with the token "service".
package demo
