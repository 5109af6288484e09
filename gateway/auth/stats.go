package auth

// KeyStats are what a JWKS has cost so far.
type KeyStats struct {
	Fetched, Failed int64 // fetches
	Held            int64 // tokens that wait for their key now
	TurnedAway      int64 // tokens that could not wait, as maxHeld did
}

// KeysOf returns the figures of a's JWKS; false: it has none.
func KeysOf(a Authenticator) (s KeyStats, ok bool) {
	t, ok := a.(*jwtAuthenticator)
	if !ok {
		return s, false
	}
	j, ok := t.keys.(*jwks)
	if !ok {
		return s, false
	}
	return KeyStats{
		Fetched: j.stats.fetched.Load(), Failed: j.stats.failed.Load(),
		Held: int64(len(j.held)), TurnedAway: j.stats.turnedAway.Load(),
	}, true
}
