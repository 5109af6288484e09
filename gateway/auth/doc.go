// Package auth tells who is asking: it turns a token into an Identity, or says why not.
//
//	Authorization: Bearer <token> ── Bearer ─┐
//	hello {"token"}, auth {"token"} ─────────┴▶ Authenticator ─▶ Identity{Participant, Service, …}
//	                                             │
//	                       Insecure: the token is the id
//	                       NewJWT:   header ─▶ key ─▶ signature ─▶ claims ─▶ Identity
//	                                            │
//	                                  key file: one key, read once
//	                                  JWKS URL: a set, fetched by one goroutine
//	                                       ▲                ▲
//	                                       └── every 5 min, or for a token that waits
//
// # How a JWT is judged
//
//  1. Its size: 8 KiB at most, or JWTConfig.MaxBytes.
//  2. Its form: three parts of strict base64url, claims with no name twice, names in their own
//     case.
//  3. Its algorithm, against those that the configuration allows. HS256, RS256, ES256 and EdDSA
//     exist here; `none` doesn't.
//  4. Its key. A key comes bound to one algorithm (HS256 for a secret, RS256 for RSA, ES256 for
//     P-256, EdDSA for Ed25519), so a token's header chooses among keys and never what is done with
//     one. `crit` is refused.
//  5. Its signature. Nothing that the token claims counts before this.
//  6. Its claims: exp required, with 2 s of leeway; nbf and iat not more than 5 s ahead; iss and
//     audience when configured.
//  7. Its subject, which must be a participant id, its tenant if it has one, and its scopes.
//
// A request's header may name another tenant: see Identity.On. A claim that is there and names no
// tenant is refused, unlike a scope's: null, another type, or a name with dots that leads into what
// is no object. Taken for none, it would make its bearer a participant of no tenant. A token that
// should belong to none leaves the claim out.
//
// exp and the others differ in leeway for a reason. A token that is taken later than exp lives
// longer than its issuer wants. One that is taken earlier than iat or nbf was signed by the issuer
// all the same, and its bearer could have waited: a refusal brings nothing, and is the end for
// a client whose token function gives the same token again. Issuers with clocks 3 s ahead exist;
// with 30 s, the most that can be set, a clock should be mended.
//
// A token that passes everything but its age is ErrExpired (a WebSocket closes with 4002 and the
// client comes back with a fresh one); anything else is ErrUnauthorized (4001). One that is expired
// and forged is forged. Every error has a detail for the caller, and brings the *wire.Error that
// wire.FromError looks for.
//
// Which claims these are is configuration, for providers differ: see docs/identity.md. Of several
// subject or audience claims the first that the token has counts, so that a token for another
// service doesn't get in by its second claim. A scope claim in a form that isn't known has no
// scopes. No token is refused for it: people have no scopes here.
//
// Good tokens are remembered by their hash (4096 of them, until they expire or the keys change),
// for backends that send the same one with every request. Measured with BenchmarkAuthenticate on
// one core of an EPYC: a new token takes 3.7 µs (HS256), 28 µs (RS256), 41 µs (EdDSA) or 54 µs
// (ES256), one seen before 0.3 to 0.5 µs. Finding claims by the names that are configured is about
// 1 µs, and 8 allocations, more than that for a new one.
//
// # The JWKS
//
// A token whose key is known is judged at once. A fetch is made 5 minutes after the last one, and
// for a token that names an unknown key:
//
//  1. It must be one that could be good: of this issuer and audience, in time, with a signature of
//     the right length. Others are refused at once. (An expired one gets ErrExpired: a fetch would
//     not help it.) What this server asks for isn't told, as nobody has checked who asks.
//  2. It waits, for 2 s at most, and 1,024 tokens at a time. No lock is held, and no goroutine
//     made.
//  3. If the key comes, it is judged. If a fetch that began after it came ends without its key, it
//     is ErrUnauthorized, and so is the same token for 10 s. Otherwise it is ErrUnavailable, with
//     the time after which a fetch may be made (After).
//
// Nobody is refused for good by what may pass: a rotation that wasn't announced, a key server that
// is down.
//
// Strangers who know issuer and audience, which are no secrets, can make up tokens that could be
// good. So the pace doesn't depend on what they send: fetches for unknown keys are four at once and
// then one every 5 s. Four more, and one every 15 s, are for a key that tokens of several subjects
// name, as after a rotation, so that inventions of a single one leave some. That makes 16 fetches a
// minute at most, and all who wait share each of them. A pace that grew with failures, as there was
// before, could be held at its slowest by one token a second: the clients of a rotated key then
// waited 5 minutes. TestRotationBesideStrangers has the figures: 200 clients are in within 8 s,
// whatever strangers do.
//
// A key that disappears from the JWKS is refused after the next fetch, within 5 minutes. So is a
// key that was replaced under the same name: a wrong signature is no reason to fetch, or every
// forged token would be one.
//
// When a fetch fails, the keys at hand stay in use and the next attempt follows in 5 to 30 s, or
// when a token asks. When the very first one fails, the server starts all the same: an outage of
// the issuer during a rolling restart would otherwise take down every node in turn, and a process
// that exits and starts again fetches no sooner. Until there are keys, tokens get ErrUnavailable
// (503: it isn't the token's fault, and a WebSocket client told 4001 would give up for good), Ready
// says so to the readiness check, and each attempt is logged as an error. A configuration that can
// never work fails NewJWT.
//
// A set without a key that can be used is like none: a mistake of the issuer, more often than the
// end of all tokens. Ready says which keys there were and why each is of no use, tokens get
// ErrUnavailable, and it is fetched again in 5 to 30 s.
//
// From the set are taken public keys for signatures: none that are symmetric, private, for
// encryption, of another curve, of an RSA size outside 2048-8192 bits, or marked for another
// algorithm than theirs; what is left out is logged with the reason. A document of 1 MiB and 256
// keys, 5 s and 3 redirects are the limits, and no redirect leaves https.
//
// jwkset (the library beneath keyfunc) reads the single keys. keyfunc itself isn't used: on an
// unknown kid it fetches within the request and lets the request wait for its rate limit, one bad
// key makes it drop a whole set, it accepts symmetric keys from the network, and it reads a
// response of any size.
//
// # What it doesn't do
//
// It issues no tokens, keeps no sessions, revokes no single token (make them short-lived), and
// doesn't watch the clock: a caller that keeps a connection open closes it at Identity.Expires. Who
// may do what is decided by the handlers. The key file is not read again when it changes.
package auth
