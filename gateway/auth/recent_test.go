package auth

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"
)

// watched counts how often a key is asked for, which is once for every signature that is checked.
type watched struct {
	key
	finds   int
	current *keySet
	onFind  func()
}

func (w *watched) version() *keySet { return w.current }

func (w *watched) find(kid, alg string) (any, error) {
	w.finds++
	if w.onFind != nil {
		w.onFind()
	}
	return w.key.find(kid, alg)
}

func newWatched(t *testing.T, now *time.Time) (*watched, *jwtAuthenticator) {
	t.Helper()
	k, err := newKey(public(testEd))
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{key: k, current: new(keySet)}
	return w, newJWT(JWTConfig{Now: func() time.Time { return *now }}, w, algEdDSA)
}

func TestGoodTokenIsCheckedOnce(t *testing.T) {
	now := epoch
	w, a := newWatched(t, &now)
	header := `{"alg":"EdDSA"}`
	token := signed(t, "EdDSA", testEd, header,
		fmt.Sprintf(`{"sub":"alice","scope":"presence:admin","exp":%d}`, epoch.Unix()+60))
	first, err := a.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if id, err := a.Authenticate(t.Context(), token); err != nil || id != first {
			t.Fatalf("Authenticate = %+v, %v; want %+v again", id, err, first)
		}
	}
	if w.finds != 1 {
		t.Errorf("checked %d times; want once", w.finds)
	}
	now = epoch.Add(time.Minute + Leeway)
	_, err = a.Authenticate(t.Context(), token)
	wantRefused(t, err, ErrExpired, "expired")
}

func TestBadTokenIsNotRemembered(t *testing.T) {
	now := epoch
	w, a := newWatched(t, &now)
	token := signed(t, "EdDSA", testEd, `{"alg":"EdDSA"}`, `{"sub":"me","exp":1900000000}`)
	for range 3 {
		_, err := a.Authenticate(t.Context(), token)
		wantRefused(t, err, ErrUnauthorized, "reserved")
	}
	if w.finds != 3 || len(a.recent.young) != 0 {
		t.Errorf("checked %d times, remembers %d; want 3 and none", w.finds, len(a.recent.young))
	}
}

func TestOtherKeysMeanAnotherCheck(t *testing.T) {
	now := epoch
	w, a := newWatched(t, &now)
	token := good(t, "EdDSA", testEd, "")
	wantAlice(t, a, token)
	w.current = &keySet{key{}}
	wantAlice(t, a, token)
	if w.finds != 2 {
		t.Errorf("checked %d times; want once for each set of keys", w.finds)
	}

	// The keys change while the token is being checked with the old ones: that verdict must not
	// count for the new.
	w.finds, w.current = 0, &keySet{key{}}
	w.onFind = func() { w.current = &keySet{key{}} }
	wantAlice(t, a, token)
	w.onFind = nil
	wantAlice(t, a, token)
	if w.finds != 2 {
		t.Errorf("checked %d times; the verdict of the removed keys was used", w.finds)
	}
}

func TestRecentIsBounded(t *testing.T) {
	var r recent
	hot := digest(sha256.Sum256([]byte("hot")))
	r.put(hot, verdict{id: Identity{Participant: "hot"}})
	for i := range 10 * maxRecent {
		r.put(digest(sha256.Sum256(fmt.Append(nil, i))), verdict{})
		if n := len(r.young) + len(r.old); n > maxRecent {
			t.Fatalf("remembers %d; the limit is %d", n, maxRecent)
		}
		if id, ok := r.get(hot, nil); i%1000 == 0 && (!ok || id.Participant != "hot") {
			t.Fatalf("after %d others, forgot the one that is asked for all the time", i)
		}
	}
	if _, ok := r.get(digest(sha256.Sum256([]byte("0"))), nil); ok {
		t.Error("still remembers the first, which nobody asked for")
	}
}
