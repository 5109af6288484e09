// Package auth tells who is asking: it turns a token into an Identity, or says why not.
//
//	Authorization: Bearer <token> ── Bearer ─┐
//	hello {"token"}, auth {"token"} ─────────┴▶ Authenticator ─▶ Identity{Participant, Service, Admin, Expires}
//	                                             │
//	                       Insecure: the token is the id
//	                       NewJWT:   header ─▶ key ─▶ signature ─▶ claims ─▶ Identity
//	                                            │
//	                                  key file: one key, read once
//	                                  JWKS URL: a set, fetched by one goroutine
//	                                       ▲                ▲
//	                                       └── every 5 min, or an unknown kid, as the pace allows
//
// # How a JWT is judged
//
//  1. Its size: 8 KiB at most.
//  2. Its form: three parts of strict base64url, claims with no name twice, names in their own case.
//  3. Its algorithm, against those that the configuration allows. HS256, RS256, ES256 and EdDSA exist here; `none` doesn't.
//  4. Its key. A key comes bound to one algorithm (HS256 for a secret, RS256 for RSA, ES256 for P-256, EdDSA for
//     Ed25519), so a token's header chooses among keys and never what is done with one. `crit` is refused.
//  5. Its signature. Nothing that the token claims counts before this.
//  6. Its claims: exp required; nbf and iat not ahead; iss and aud when configured; each with 2 s for clocks that differ.
//  7. Its sub, which must be a participant id, and its scope, one string.
//
// A token that passes everything but its age is ErrExpired (a WebSocket closes with 4002 and the client comes back with a
// fresh one); anything else is ErrUnauthorized (4001, it doesn't come back). One that is expired and forged is forged. Every
// error has a detail for the caller, and brings the *wire.Error that wire.FromError looks for.
//
// Good tokens are remembered by their hash (4096 of them, until they expire or the keys change), for backends that send the
// same one with every request. Measured with BenchmarkAuthenticate on one core of an EPYC: a new token takes 3.7 µs (HS256),
// 28 µs (RS256), 41 µs (EdDSA) or 54 µs (ES256), one seen before 0.3 to 0.5 µs.
//
// # The JWKS
//
// Tokens are judged by the set at hand, at once, never by waiting for a fetch. A fetch is made 5 minutes after the last one;
// also when a token names an unknown key, but at least 5 s after the last, and twice as long each time that it brought
// nothing (to 5 minutes): strangers who invent kids cause a handful of fetches, whatever their number. Which unknown kids
// were asked for is remembered (256 of them, 30 s), so that one backend with an old token doesn't use up the pace for the
// others. Hence for operators: publish a key 5 minutes before signing with it. A key that disappears from the JWKS is
// refused after the next fetch, within 5 minutes.
//
// When a fetch fails, the keys at hand stay in use and the next attempt follows in 5 to 30 s. When the very first one
// fails, the server starts all the same: an outage of the issuer during a rolling restart would otherwise take down every
// node in turn, and a process that exits and starts again fetches no sooner. Until there are keys, tokens get
// ErrUnavailable (503: it isn't the token's fault, and a WebSocket client told 4001 would give up for good), Ready says so to
// the readiness check, and each attempt is logged as an error. A configuration that can never work fails NewJWT.
//
// A set without a key that can be used is like none: a mistake of the issuer, more often than the
// end of all tokens. Ready says which keys there were and why each is of no use, tokens get
// ErrUnavailable, and it is fetched again in 5 to 30 s.
//
// From the set are taken public keys for signatures: none that are symmetric, private, for encryption, of another curve, of
// an RSA size outside 2048-8192 bits, or marked for another algorithm than theirs; what is left out is logged with the
// reason. A document of 1 MiB and 256 keys, 5 s and 3 redirects are the limits, and no redirect leaves https.
//
// jwkset (the library beneath keyfunc) reads the single keys. keyfunc itself isn't used: on an unknown kid it fetches
// within the request and lets the request wait for its rate limit, one bad key makes it drop a whole set, it
// accepts symmetric keys from the network, and it reads a response of any size.
//
// # What it doesn't do
//
// It issues no tokens, keeps no sessions, revokes no single token (make them short-lived), and doesn't watch the
// clock: whoever keeps a connection open closes it at Identity.Expires. Who may do what is decided by the handlers. The key
// file is not read again when it changes.
package auth
