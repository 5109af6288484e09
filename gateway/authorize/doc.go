// Package authorize asks a backend whom a viewer may see: --authorize-url.
//
//	query, record, subscription ── Ask(viewer, ids) ─▶ kept? ─▶ answer
//	                                                     │ no
//	                                                     ▼
//	          under way already? ◀── yes ── wait for it ── flights ── no ─▶ a question of 1,000 ids
//	                                                                            │
//	                                    endpoint ◀── signed POST ◀── a place ◀── the circuit lets it
//
// The answer stands between what the cluster says and the viewer. It has three outcomes:
//
//   - Allowed: the viewer sees what the cluster shows it, as if an edge allowed it.
//   - Denied: the viewer is answered as about an id that was never seen.
//   - NotKnown: the backend doesn't answer. A question is answered with unknown. A subscription
//     keeps what it was told last.
//
// Nobody is asked about what a viewer sees of itself, nor for a stranger, which is a backend that
// names no viewer.
//
// # What is kept
//
// An answer counts for the time that the backend says, a second at least and an hour at most. Of
// each viewer the answers are a map from a keyed hash of the id, 16 bytes a pair and the room of
// the map. A hash is 64 bits with a seed of the process: for a viewer of 10,000 ids, one question
// in 10^15 finds another id's answer. When more pairs are kept than Config.MostKept, the viewer who
// asked longest ago goes, with all its answers.
//
// Forget drops what is kept of a viewer. A question that was sent before may be answered from what
// the backend knew before: it is asked again, by those who wait for it, and isn't kept.
//
//	Ask: question 1 ────────────── answer 1: stale, question 2 ── answer 2: kept
//	Forget:            ─ drop ─ (204)
//
// # When the backend is silent
//
// A call has Timeout. After maxFailures in a row the circuit opens: questions are NotKnown at once,
// and one call each probeEvery tries whether the endpoint is there again. So an outage costs no
// caller more than one Timeout, and the endpoint one call a second. Remark and Stats tell of it.
// What is NotKnown names a time at which to ask again, spread so that not all do at once.
//
// At most Places calls are under way. A question that gets no place within Timeout isn't known.
//
// # What is believed
//
// The endpoint is https, or http to loopback. A redirect is a failure: the signature is for this
// endpoint alone. Of an answer maxAnswerBytes are read. Ids that weren't asked about, and members
// that aren't known, are passed over: a backend may say more than this version reads. An answer
// without the member `allowed` is a failure, and not a denial: an error page must not make
// everybody vanish.
//
// # What it does not do
//
// It decides nothing about blocks, edges and windows, which owners know, and doesn't tell a
// subscription that its answer has lapsed: package hub asks again.
package authorize
