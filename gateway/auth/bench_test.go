package auth

import "testing"

// BenchmarkAuthenticate compares a token that is new with one that was seen before.
func BenchmarkAuthenticate(b *testing.B) {
	for _, c := range []struct {
		alg  string
		file []byte
		key  any
	}{
		{"HS256", testSecret, testSecret},
		{"RS256", publicPEM(testRSA), testRSA},
		{"ES256", publicPEM(testEC), testEC},
		{"EdDSA", publicPEM(testEd), testEd},
	} {
		a, token := withKeyFile(b, c.file).(*jwtAuthenticator), good(b, c.alg, c.key, "")
		b.Run(c.alg+"/new", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := a.check(token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.alg+"/seen", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Authenticate(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
