// Package e2e tests the presence binary from outside, as its users meet it.
//
// It has no code of its own, only tests. They build the real command once,
// with the race detector, start it on loopback, and speak to it as a browser,
// a backend and an operator would: over HTTP, Server-Sent Events, WebSocket,
// through curl, and through presence's own subcommands.
//
//	go test ─▶ go build -race ./cmd/presence, plain with PRESENCE_RACE=0
//	   │
//	   ├─▶ presence serve (calm: default timings)      shared by most tests
//	   ├─▶ presence serve (quick: a deadline of 1.6 s)   shared by the tests of timings
//	   └─▶ presence serve …                            one for each test that needs its own flags
//
// How it goes:
//
//  1. contract_test.go lists the sentences of the wire contract and names the
//     test that shows each; a test that isn't listed there fails the package,
//     and so does a sentence whose test is gone.
//  2. Tests share servers and never ids: [who] makes a new participant.
//  3. Whatever happens is waited for, with a deadline. That something does not
//     happen is shown with a fence: another watched participant changes
//     afterwards, and once that has arrived, what should not have come would
//     have come before it.
//  4. Random sequences print their seed; PRESENCE_E2E_SEED replays one.
//  5. A server that reports a data race, or doesn't leave with status 0, fails
//     the test that started it.
//
// What it does not do: look inside. Nothing here imports the packages that it
// tests, so a test can only say what the contract says. Several nodes, crashes
// and partitions are for the tests of the cluster.
package e2e
