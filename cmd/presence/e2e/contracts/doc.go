// Package contracts holds docs/openapi.yaml and docs/asyncapi.yaml beside the tools that people
// feed them to.
//
//	openapi.yaml  ── spectral, redocly ─────────────────────▶ not a word
//	              ── openapi-typescript ── tsc ──▶ client.ts ──▶ presence serve
//	              ── oapi-codegen ──── go run ───▶ main.go ────▶ presence serve
//	              ── ogen ──────────── go run ───▶ main.go ────▶ presence serve
//	asyncapi.yaml ── spectral, @asyncapi/parser ────────────▶ not a word
//	              ── modelina ── tsc, go run ───────────────▶ messages as on the wire
//
// A valid file is not enough: one pattern, union or name that a generator does not take costs its
// user an afternoon. Each client here is what a person would write with the generated code. It
// makes all calls, and runs against a node.
//
// The tools from npm are in testdata, pinned by its lock file. "make contract-needs" installs them.
// A test whose tool is missing fails. What takes seconds is part of "make test". The generators of
// Go clients take minutes to build, and run with PRESENCE_TOOLS=full, which "make tools" sets. Each
// is pinned in a module of its own, so that the project's go.mod has nothing of it.
//
// What it does not do: judge responses. All other tests do, each against the schema of its call.
package contracts
