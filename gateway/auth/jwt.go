package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Leeway is how far the clocks of the issuer and of this server may be apart.
const Leeway = 2 * time.Second

// JWTConfig says which tokens to believe. Exactly one of KeyFile and JWKSURL is set.
type JWTConfig struct {
	KeyFile  string           // a PEM public key, or an HS256 secret of at least 32 bytes; read once
	JWKSURL  string           // https, or http to loopback; fetched at the start and every 5 minutes
	Issuer   string           // what `iss` must be; empty: anything
	Audience string           // what `aud` must be or contain; empty: anything
	Now      func() time.Time // for tests; nil: time.Now
	Log      *slog.Logger     // what happens to the JWKS; nil: slog.Default()
}

// keySource gives the key that a token of these headers must be signed with.
type keySource interface {
	find(kid, alg string) (verify any, err error)
	version() *keySet // another one when the keys are others
}

type jwtAuthenticator struct {
	cfg    JWTConfig
	algs   []string
	keys   keySource
	parser *jwt.Parser
	recent recent
}

// NewJWT makes an Authenticator for JSON Web Tokens. It fails when the configuration can never work. A JWKS that cannot be
// fetched right now (5 s at most are spent on it) is logged and tried again in the background until ctx ends; until it has
// been fetched once, Ready and every Authenticate answer ErrUnavailable.
func NewJWT(ctx context.Context, cfg JWTConfig) (Authenticator, error) {
	if (cfg.KeyFile == "") == (cfg.JWKSURL == "") {
		return nil, errors.New("JWTs need a key file or a JWKS URL, and not both")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.KeyFile != "" {
		k, err := readKeyFile(cfg.KeyFile)
		if err != nil {
			return nil, err
		}
		return newJWT(cfg, k, k.alg), nil
	}
	keys, err := newJWKS(cfg.JWKSURL, cfg.Log)
	if err != nil {
		return nil, err
	}
	keys.start(ctx)
	return newJWT(cfg, keys, algRS256, algES256, algEdDSA), nil
}

func newJWT(cfg JWTConfig, keys keySource, algs ...string) *jwtAuthenticator {
	options := []jwt.ParserOption{
		jwt.WithValidMethods(algs),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(Leeway),
		jwt.WithTimeFunc(cfg.Now),
		jwt.WithStrictDecoding(),
	}
	if cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(cfg.Issuer))
	}
	if cfg.Audience != "" {
		options = append(options, jwt.WithAudience(cfg.Audience))
	}
	return &jwtAuthenticator{cfg: cfg, algs: algs, keys: keys, parser: jwt.NewParser(options...)}
}

func (a *jwtAuthenticator) Authenticate(_ context.Context, token string) (Identity, error) {
	if err := checkSize(token); err != nil {
		return Identity{}, err
	}
	d, keys := digest(sha256.Sum256([]byte(token))), a.keys.version()
	if id, ok := a.recent.get(d, keys); ok && a.cfg.Now().Before(id.Expires) {
		return id, nil
	}
	id, err := a.check(token)
	if err == nil {
		a.recent.put(d, verdict{id, keys})
	}
	return id, err
}

func (a *jwtAuthenticator) check(token string) (Identity, error) {
	var c claims
	parsed, err := a.parser.ParseWithClaims(token, &c, a.key)
	if err != nil {
		return Identity{}, a.refuse(parsed, &c, err)
	}
	return c.identity()
}

// maxKidBytes bounds what unknown names can take up.
const maxKidBytes = 256

// key finds what to check a token's signature with. It is called before anything in the token is believed.
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
