package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimes(t *testing.T) {
	a := withKeyFile(t, testSecret)
	const now = 1_800_000_000
	for claims, c := range map[string]struct {
		kind error
		word string
	}{
		fmt.Sprintf(`"exp":%d`, now+1):   {},
		fmt.Sprintf(`"exp":%d`, now-1):   {},
		fmt.Sprintf(`"exp":%d.5`, now-2): {},
		fmt.Sprintf(`"exp":%d`, now-2):   {ErrExpired, "expired 2s ago"},
		fmt.Sprintf(`"exp":%d`, now-35):  {ErrExpired, "expired 35s ago"},
		`"exp":0`:                        {ErrExpired, "expired"},
		`"exp":1.8e9`:                    {},
		`"exp":253402300799`:             {},
		`"exp":1800000100000`:            {ErrUnauthorized, "seconds since 1970"},
		`"exp":1e300`:                    {ErrUnauthorized, "seconds since 1970"},
		`"exp":1e999`:                    {ErrUnauthorized, "seconds since 1970"},
		`"exp":-1`:                       {ErrUnauthorized, "seconds since 1970"},
		`"exp":"1900000000"`:             {ErrUnauthorized, `"exp" has the wrong type`},
		`"exp":true`:                     {ErrUnauthorized, `"exp" has the wrong type`},
		`"exp":null`:                     {ErrUnauthorized, "`exp` is required"},
		`"EXP":1900000000`:               {ErrUnauthorized, "`exp` is required"},
		`"iat":1`:                        {ErrUnauthorized, "`exp` is required"},
		`"exp":1900000000,"exp":1`:       {ErrUnauthorized, "repeated names"},
		fmt.Sprintf(`"exp":1900000000,"nbf":%d`, now+5):          {},
		fmt.Sprintf(`"exp":1900000000,"nbf":%d`, now+6):          {ErrUnauthorized, "not valid for another 6s"},
		fmt.Sprintf(`"exp":1900000000,"iat":%d`, now+5):          {},
		fmt.Sprintf(`"exp":1900000000,"iat":%d`, now+6):          {ErrUnauthorized, "issued 6s in the future"},
		`"exp":1900000000,"nbf":"x"`:                             {ErrUnauthorized, `"nbf" has the wrong type`},
		fmt.Sprintf(`"exp":%d,"nbf":%d`, now-100, now+100):       {ErrUnauthorized, "not valid for another"},
		fmt.Sprintf(`"exp":%d,"nbf":%d`, now-100, now-200):       {ErrExpired, "expired 1m40s ago"},
		fmt.Sprintf(`"exp":%d,"iat":%d,"nbf":0`, now+5, now-200): {},
	} {
		t.Run(claims, func(t *testing.T) {
			token := withClaims(t, `{"sub":"alice",`+claims+`}`)
			if c.kind == nil {
				wantAlice(t, a, token)
				return
			}
			id, err := a.Authenticate(t.Context(), token)
			wantRefused(t, err, c.kind, c.word)
			if id != (Identity{}) {
				t.Errorf("gave %+v and an error", id)
			}
		})
	}
}

// Who can't sign learns nothing from an old exp, and isn't told to come back with another.
func TestExpiredAndForged(t *testing.T) {
	a := withKeyFile(t, testSecret)
	claims := `{"sub":"alice","exp":1}`
	forged := signed(t, "HS256", []byte(strings.Repeat("x", 32)), `{"alg":"HS256"}`, claims)
	_, err := a.Authenticate(t.Context(), forged)
	wantRefused(t, err, ErrUnauthorized, "signature")
	_, err = a.Authenticate(t.Context(), withClaims(t, claims))
	wantRefused(t, err, ErrExpired, "expired")
}

// Whoever closes a connection at Expires closes it when its token would be refused, not before and
// not after.
func TestExpiresIsWhenTheTokenIsRefused(t *testing.T) {
	path := keyFile(t, testSecret)
	rapid.Check(t, func(r *rapid.T) {
		now := epoch
		a, err := NewJWT(t.Context(), JWTConfig{KeyFile: path, Now: func() time.Time { return now }})
		if err != nil {
			r.Fatal(err)
		}
		exp := float64(epoch.Unix()) + float64(rapid.IntRange(0, 100_000).Draw(r, "hundredths"))/100
		token := withClaims(t, fmt.Sprintf(`{"sub":"alice","exp":%.2f}`, exp))
		id, err := a.Authenticate(t.Context(), token)
		if err != nil {
			r.Fatal(err)
		}
		now = id.Expires.Add(-time.Nanosecond)
		if _, err := a.Authenticate(t.Context(), token); err != nil {
			r.Fatalf("just before Expires: %v", err)
		}
		now = id.Expires
		_, err = a.Authenticate(t.Context(), token)
		wantRefused(t, err, ErrExpired, "expired 2s ago")
	})
}

func TestSubject(t *testing.T) {
	a := withKeyFile(t, testSecret)
	for sub, word := range map[string]string{
		`"sub":"zoë"`:     "",
		`"sub":"service"`: "",
		`"sub":"me"`:      "reserved",
		`"sub":""`:        "empty",
		`"sub":null`:      `no claim "sub"`,
		`"Sub":"alice"`:   `no claim "sub"`,
		`"sub":"a b"`:     "U+0020",
		`"sub":"a\u0000"`: "U+0000",
		`"sub":"a,b"`:     "U+002C",
		`"sub":"\ud800"`:  "not a JWT",
		`"sub":"` + strings.Repeat("a", 129) + `"`: "129 bytes",
		`"sub":1`:                   `"sub" has the wrong type`,
		`"sub":"alice","sub":"bob"`: "repeated names",
	} {
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"exp":1900000000,`+sub+`}`))
		if word != "" {
			wantRefused(t, err, ErrUnauthorized, word)
		} else if err != nil || id.Service || id.Admin {
			t.Errorf("%s: %+v, %v; want a participant without scopes", sub, id, err)
		}
	}
}

func TestScope(t *testing.T) {
	a := withKeyFile(t, testSecret)
	for scope, want := range map[string]Identity{
		``:                            {},
		`,"scope":""`:                 {},
		`,"scope":"openid profile"`:   {},
		`,"scope":"presence:service"`: {Service: true},
		`,"scope":"presence:admin"`:   {Admin: true},
		`,"scope":"openid presence:admin  presence:service"`:    {Service: true, Admin: true},
		`,"scope":"presence\u003aservice"`:                      {Service: true},
		`,"scope":"presence:tenants"`:                           {Tenants: true},
		`,"scope":"presence:services presence:adm"`:             {},
		`,"scope":"Presence:Service"`:                           {},
		`,"scope":"presence:service,presence:admin"`:            {},
		`,"scope":"presence:service\tpresence:admin"`:           {},
		`,"Scope":"presence:admin","scp":["presence:service"]`:  {},
		`,"scopes":"presence:admin","roles":["presence:admin"]`: {},
		`,"scope":["openid","presence:service"]`:                {Service: true},
		`,"scope":["presence:admin presence:service"]`:          {},
		`,"scope":["presence:service",1]`:                       {},
		`,"scope":null`:                                         {},
		`,"scope":1`:                                            {},
		`,"scope":true`:                                         {},
		`,"scope":{"presence:service":true}`:                    {},
	} {
		want.Participant, want.Expires = "alice", time.Unix(1_900_000_002, 0)
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"sub":"alice","exp":1900000000`+scope+`}`))
		if err != nil || id != want {
			t.Errorf("%s: %+v, %v; want %+v", scope, id, err, want)
		}
	}
}
