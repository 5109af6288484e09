// Package wake tells a goroutine that there is something to do, or lets it wait (Pause).
//
//	producers ── Raise ─▶ one slot ─▶ the consumer's select, which then takes all there is
//
// Raise never waits, however slow the consumer is. Raised ten times before the consumer comes, it
// comes once. Raised while it works, it comes again, so nothing is missed: a producer stores what
// there is to do before it raises, and the consumer receives before it looks.
//
// It is a package below all the others, because the host, the cluster and the gateway all have such
// consumers. It does not carry what there is to do, and it does not say how much.
package wake
