package auth

import (
	"errors"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// FuzzAuthenticate feeds whole tokens; whoever has no key is never let in, and always told why.
func FuzzAuthenticate(f *testing.F) {
	token := good(f, "EdDSA", testEd, "k")
	f.Add(token)
	f.Add(good(f, "HS256", publicPEM(testEd), ""))
	f.Add(part(`{"alg":"none"}`) + "." + part(`{"sub":"alice"}`) + ".")
	f.Add("..")
	a := withKeyFile(f, publicPEM(testEd))
	f.Fuzz(func(t *testing.T, text string) {
		id, err := a.Authenticate(t.Context(), text)
		if err == nil && text != token {
			t.Fatalf("Authenticate(%q) = %+v, %v", text, id, err)
		}
		checkAnswer(t, id, err)
	})
}

// FuzzClaims signs whatever the claims are, to get behind the signature.
func FuzzClaims(f *testing.F) {
	f.Add(`{"alg":"HS256"}`, `{"sub":"alice","exp":1900000000,"scope":"presence:service"}`)
	f.Add(`{"alg":"HS256","kid":"x","crit":[]}`, `{"sub":"me","exp":1e3}`)
	f.Add(`{"alg":"HS256","alg":"none"}`, `{"aud":["a",{}],"nbf":-1}`)
	a := withKeyFile(f, testSecret)
	f.Fuzz(func(t *testing.T, header, claims string) {
		id, err := a.Authenticate(t.Context(), signed(t, "HS256", testSecret, header, claims))
		checkAnswer(t, id, err)
	})
}

// checkAnswer is what holds for every answer.
func checkAnswer(t *testing.T, id Identity, err error) {
	t.Helper()
	if err == nil {
		if e := shard.ValidateInnerID(string(id.Participant)); e != nil || !id.Expires.After(epoch) {
			t.Fatalf("accepted as %+v: %v", id, e)
		}
		return
	}
	if !errors.Is(err, ErrUnauthorized) || id != (Identity{}) {
		t.Fatalf("gave %+v, %v", id, err)
	}
	if e := wire.FromError(err); e.Code != wire.Unauthorized || e.Detail == "" || len(e.Detail) > 1000 {
		t.Fatalf("on the wire: %v", e)
	}
}
