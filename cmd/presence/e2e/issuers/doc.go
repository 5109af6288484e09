// Package issuers runs a node with the tokens of real identity providers: oidc-provider, on Node,
// and zitadel/oidc, in Go.
//
//	a person ─ authorization code, a login form ─▶ issuer ─ JWT ─┐
//	a backend ─ client credentials ──────────────▶ issuer ─ JWT ─┴▶ presence serve
//	                                                 ▲ keys           │
//	                                                 └─ key server ◀──┘
//
// Each issuer is a process on loopback. It makes its key when it starts, so that a restart is a
// rotation that nobody announced. The key server between passes its keys on, and can be down.
//
// The issuers are installed by `make issuers-needs`; nothing of them is linked into the product.
// What other providers' tokens look like is in gateway/auth, as tables (TestProviders);
// docs/identity.md says what to set for each.
package issuers
