package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// What a fetch of the JWKS may take.
const (
	fetchTimeout   = 5 * time.Second
	maxJWKSBytes   = 1 << 20 // unpacked; the large ones, with certificates, are 100 KB
	maxHeaderBytes = 64 << 10
	maxRedirects   = 3
)

// parseJWKSURL accepts addresses whose answers cannot be tampered with on the way.
func parseJWKSURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("JWKS URL: not a URL") // url.Parse repeats the address, which may hold a password
	}
	if u.Hostname() == "" || !tamperProof(u) {
		return nil, fmt.Errorf("JWKS URL %s: must be https://, or http:// to a loopback address", u.Redacted())
	}
	return u, nil
}

func tamperProof(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// newClient makes a client of its own: fetches are minutes apart, so it keeps no connection, and
// one that is stuck can't hold up anything else.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       fetchTimeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxHeaderBytes,
		},
	}
}

// checkRedirect lets no redirect lead to where the first URL couldn't have been, nor from the
// network to this host.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if !tamperProof(r.URL) || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errors.New("redirected to what is not https")
	}
	return nil
}

func fetch(ctx context.Context, client *http.Client, u *url.URL) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxJWKSBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxJWKSBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxJWKSBytes)
	}
	return text, nil
}
