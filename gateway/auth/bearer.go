package auth

import (
	"net/http"
	"strings"
)

// Bearer takes the token out of a request's Authorization header. Without the header, ok is false
// and err nil: whether that is allowed is the caller's business. A header that is anything but one
// `Bearer <token>` is an ErrUnauthorized, not an absence, so that no caller who tried to say who
// they are goes on as another participant. A token may be of two words, as those of Insecure are
// that name a tenant; a JWT never is.
func Bearer(r *http.Request) (token string, ok bool, err error) {
	lines := r.Header.Values("Authorization")
	if len(lines) == 0 {
		return "", false, nil
	}
	if len(lines) > 1 {
		return "", false, unauthorized("there are %d Authorization headers; send one, `Bearer <token>`", len(lines))
	}
	scheme, token, found := strings.Cut(strings.Trim(lines[0], " \t"), " ")
	token = strings.TrimLeft(token, " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return "", false, unauthorized("the Authorization header has another scheme; it must be `Bearer <token>`")
	case !found || token == "":
		return "", false, unauthorized("the Authorization header has no token; it must be `Bearer <token>`")
	case strings.ContainsAny(token, "\t,"):
		return "", false, unauthorized("the Authorization header has more than one token; it must be `Bearer <token>`")
	}
	return token, true, nil
}
