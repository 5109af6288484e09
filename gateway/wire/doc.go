// Package wire is what HTTP and WebSocket say alike: the error codes, how a refusal is written, how
// JSON from a stranger is read, and how states, statuses and ends are written and read.
//
//	stranger's bytes ─▶ Decode ─▶ value          a wrong one: *Error{bad_request, naming the field}
//	err of a layer below ─▶ FromError ─▶ *Error ─┬▶ AppendProblem   HTTP: application/problem+json
//	                                             └▶ Code, Detail    WebSocket: `error`, `rejected`
//	ids, states ─▶ AppendStates ─▶ {"a":"online","b":"offline"}     in all three ways
//	expires_at, expires_in ─▶ End ─▶ time, or none               of edges, overrides, statuses, …
//
// Decode is strict, because what a lenient reader lets pass today is what clients depend on
// tomorrow: names are case-sensitive; an unknown member, a member that is there twice, a null, a
// wrong type, invalid UTF-8 and anything after the value are refused, at any depth, and the detail
// says where. Some bodies have members for which null means something, and name them (DecodeNulls).
// The parser keeps its place in a slice, not on the goroutine's stack, and gives up at a depth of
// 10,000.
//
// A Batch is strict in another way. A caller is broken that writes an unknown member, or text that
// isn't JSON: all of it is refused. A value of a wrong type, or a null, is one item's, and is
// rejected with it.
//
// Scanner is Decode's shortcut for the two bodies with a thousand items. It knows less of JSON, and
// what it doesn't know is Decode's; fuzz tests hold it against Decode: nothing is taken that Decode
// would refuse or read otherwise.
//
// The package has no net, no connection and no state of its own; it doesn't decide what is allowed,
// only how it is said.
package wire
