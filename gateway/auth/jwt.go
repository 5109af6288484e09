package auth

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// keySource gives the key that a token of these headers must be signed with.
type keySource interface {
	find(kid, alg string) (verify any, err error) // a *unknownKid: hold may bring it
	hold(ctx context.Context, q *query) error     // waits for a key that find didn't have; nil: it has now
	version() *keySet                             // another one when the keys are others
}

type jwtAuthenticator struct {
	cfg       JWTConfig
	algs      []string
	keys      keySource
	parser    *jwt.Parser
	validator *jwt.Validator
	recent    recent
}

// NewJWT makes an Authenticator for JSON Web Tokens. It fails when the configuration can never
// work. A JWKS that cannot be fetched right now (5 s at most are spent on it) is logged and tried
// again in the background until ctx ends; until it has been fetched once, Ready and every
// Authenticate answer ErrUnavailable.
func NewJWT(ctx context.Context, cfg JWTConfig) (Authenticator, error) {
	if (cfg.KeyFile == "") == (cfg.JWKSURL == "") {
		return nil, errors.New("JWTs need a key file or a JWKS URL, and not both")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.KeyFile != "" {
		k, err := readKeyFile(cfg.KeyFile)
		if err != nil {
			return nil, err
		}
		return newJWT(cfg, k, k.alg), nil
	}
	cfg = cfg.withDefaults()
	keys, err := newJWKS(cfg.JWKSURL, cfg.Log)
	if err != nil {
		return nil, err
	}
	keys.start(ctx)
	return newJWT(cfg, keys, algRS256, algES256, algEdDSA), nil
}

func newJWT(cfg JWTConfig, keys keySource, algs ...string) *jwtAuthenticator {
	cfg = cfg.withDefaults()
	options := []jwt.ParserOption{
		jwt.WithValidMethods(algs),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(Leeway),
		jwt.WithTimeFunc(cfg.Now),
		jwt.WithStrictDecoding(),
	}
	if cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(cfg.Issuer))
	}
	return &jwtAuthenticator{
		cfg: cfg, algs: algs, keys: keys, parser: jwt.NewParser(options...), validator: jwt.NewValidator(options...),
	}
}

func (a *jwtAuthenticator) Authenticate(ctx context.Context, token string) (Identity, error) {
	if err := checkSize(token, a.cfg.MaxBytes); err != nil {
		return Identity{}, err
	}
	d, keys := digest(sha256.Sum256([]byte(token))), a.keys.version()
	if id, ok := a.recent.get(d, keys); ok && a.cfg.Now().Before(id.Expires) {
		return id, nil
	}
	id, q, err := a.check(token)
	if q != nil {
		q.token = d
		if err = a.keys.hold(ctx, q); err != nil {
			return Identity{}, err
		}
		keys = a.keys.version()
		if id, q, err = a.check(token); q != nil {
			return Identity{}, unavailable("the keys to check tokens with are changing; send it again")
		}
	}
	if err == nil {
		a.recent.put(d, verdict{id, keys})
	}
	return id, err
}

// check judges a token by the keys at hand. What it gives instead of an answer is the query for one
// that isn't.
func (a *jwtAuthenticator) check(token string) (Identity, *query, error) {
	c := claims{cfg: &a.cfg}
	parsed, err := a.parser.ParseWithClaims(token, &c, a.key)
	if u, ok := errors.AsType[*unknownKid](err); ok {
		q, err := a.question(parsed, &c, u)
		return Identity{}, q, err
	}
	if err != nil {
		return Identity{}, nil, a.refuse(parsed, &c, err)
	}
	id, err := c.identity()
	return id, nil, err
}

// key finds what to check a token's signature with. It is called before anything in the token is
// believed.
func (a *jwtAuthenticator) key(t *jwt.Token) (any, error) {
	if _, ok := t.Header["crit"]; ok {
		return nil, unauthorized("the token has a `crit` header, and none of its extensions is supported")
	}
	kid, ok := t.Header["kid"].(string)
	if _, given := t.Header["kid"]; given && !ok {
		return nil, unauthorized("the token's `kid` header must be a string")
	}
	if len(kid) > maxKidBytes {
		return nil, unauthorized("the token's `kid` header is %d bytes long; the limit is %d", len(kid), maxKidBytes)
	}
	return a.keys.find(kid, t.Method.Alg())
}

func (a *jwtAuthenticator) ready() error {
	if r, ok := a.keys.(interface{ ready() error }); ok {
		return r.ready()
	}
	return nil
}
