package scenario

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/scaiwave/presence/bench/target"
)

// issue makes a key and has local nodes check signatures by it: those of participants' tokens, and
// that of the backend's.
func (r *Run) issue(dir string, plan *target.Plan) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "issuer.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o600); err != nil {
		return err
	}
	sign := func(claims jwt.MapClaims) string {
		claims["exp"] = time.Now().Add(2 * maxDuration).Unix()
		token, err := jwt.NewWithClaims(jwt.SigningMethodES256, claims).SignedString(key)
		if err != nil {
			panic(err) // a key of this curve signs anything
		}
		return token
	}
	r.sign = func(id string) string { return sign(jwt.MapClaims{"sub": id}) }
	plan.Token = sign(jwt.MapClaims{"sub": "backend", "scope": "presence:service presence:admin"})
	plan.Flags = append(plan.Flags, "--auth=jwt", "--jwt-key-file="+path)
	return nil
}
