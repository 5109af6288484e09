// Package runtimes runs the packed TypeScript client where people run it: in Node 20, 22 and 24,
// Bun and Deno, and under React 18 and 19.
//
//	client/ ── npm pack ──▶ an empty folder ── npm install ──▶ node, bun, deno ──▶ presence serve
//	                                                                          └──▶ others that refuse
//
// What is run:
//
//  1. The story of client/test/story.mjs, against a node.
//  2. A connection that is refused. It must be noticed at once, and not by the attempt's own limit.
//  3. close(), against a server that doesn't answer it, or never answered: the process must end by
//     itself.
//  4. A page in TypeScript with <PresenceDot> and <presence-dot>: its types, and what a server
//     makes of it.
//
// Without PRESENCE_TOOLS it is the Node that is installed, for `make test`. With
// PRESENCE_TOOLS=full, which `make tools` sets, the others are installed by npm from the lists in
// testdata, and so are both versions of React.
//
// What it does not do: test browsers, which client/browser does, or React Native itself:
// client/test has what is there and what isn't.
package runtimes
