package auth

import (
	"errors"
	"fmt"
	"slices"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxKeys bounds a key set: it is searched for every token.
const maxKeys = 256

// keySet is the usable keys of a JWKS. It is never changed, only replaced.
type keySet []key

// find gives the key of that name, if it fits the algorithm. A token without a name needs a single
// key that fits.
func (s keySet) find(kid, alg string) (any, error) {
	var named, fit int
	var found key
	for _, k := range s {
		if kid != "" && k.kid != kid {
			continue
		}
		named++
		if k.alg == alg {
			fit++
			found = k
		}
	}
	switch {
	case fit == 1:
		return found.verify, nil
	case fit > 1:
		return nil, unauthorized("the token has no `kid`, and the JWKS has %d keys for %s; name the key", fit, alg)
	case named > 0 || kid == "":
		return nil, unauthorized("the token is signed with %s, which the JWKS has no such key for", alg)
	default:
		return nil, &unknownKid{kid, alg}
	}
}

func (s keySet) equal(other keySet) bool { return slices.EqualFunc(s, other, key.equal) }

// parseKeySet takes the keys that can be used and says why it left out the others. One key that is
// odd must not take the good ones down with it; a document that is odd as a whole is an error.
func parseKeySet(text []byte) (set keySet, skipped []error, err error) {
	var doc struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, nil, errors.New("not a JSON object with a list of `keys`")
	}
	if doc.Keys == nil {
		return nil, nil, errors.New("a JSON object without `keys`")
	}
	if len(doc.Keys) > maxKeys {
		return nil, nil, fmt.Errorf("%d keys; the limit is %d", len(doc.Keys), maxKeys)
	}
	for i, raw := range doc.Keys {
		k, err := parseJWK(raw)
		if err == nil && slices.ContainsFunc(set, k.clashes) {
			err = errors.New("has the `kid` of an earlier key for the same algorithm")
		}
		if err != nil {
			skipped = append(skipped, fmt.Errorf("key %d (kid %.64q): %w", i, k.kid, err))
			continue
		}
		set = append(set, k)
	}
	return set, skipped, nil
}

func (k key) clashes(other key) bool {
	return k.kid != "" && k.kid == other.kid && k.alg == other.alg
}

// parseJWK reads a public key for signatures. The certificates that may come with it (x5c, x5u) are
// left alone: the URL is what vouches for the key.
func parseJWK(raw jsontext.Value) (key, error) {
	var m jwkset.JWKMarshal
	if err := json.Unmarshal(raw, &m); err != nil {
		return key{}, errors.New("is not a JSON Web Key")
	}
	named := key{kid: m.KID}
	if err := checkUse(m); err != nil {
		return named, err
	}
	m.X5C, m.X5U, m.X5T, m.X5TS256 = nil, "", "", ""
	jwk, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipAll: true})
	if err != nil {
		return named, err
	}
	k, err := newKey(jwk.Key())
	if err != nil {
		return named, err
	}
	if m.ALG != "" && m.ALG.String() != k.alg {
		return named, fmt.Errorf("is for %.16q; a key like it is accepted for %s alone", m.ALG, k.alg)
	}
	k.kid = m.KID
	return k, nil
}

func checkUse(m jwkset.JWKMarshal) error {
	switch {
	case m.KTY == jwkset.KtyOct:
		return errors.New("is symmetric: whoever can read the JWKS could sign with it")
	case m.D != "":
		return errors.New("is a private key: whoever can read the JWKS can sign with it; replace it")
	case m.USE != "" && m.USE != jwkset.UseSig:
		return fmt.Errorf("is for %.16q, not for signatures", m.USE)
	case len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify):
		return errors.New("is not for verifying (`key_ops`)")
	case len(m.E) > 8: // the library would take the last 64 bits for the whole
		return errors.New("has an RSA exponent of more than 48 bits")
	case len(m.KID) > maxKidBytes:
		return fmt.Errorf("has a `kid` of %d bytes; the limit is %d", len(m.KID), maxKidBytes)
	}
	return nil
}

// unknownKid is find's answer that a fresh key set might change.
type unknownKid struct{ kid, alg string }

func (u *unknownKid) Error() string { return "unknown kid" }

// maxKidBytes bounds what unknown names can take up.
const maxKidBytes = 256
