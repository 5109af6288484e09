package presence

import (
	"cmp"
	"net/http"
)

// unredirected is a client that follows no redirect: the token is for the server that was named.
// net/http would send it on to another port, and without TLS; the hello goes wherever the WebSocket
// leads.
func unredirected(client *http.Client) *http.Client {
	c := *cmp.Or(client, http.DefaultClient)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// statusOf is the status of an answer, and where a redirect leads.
func statusOf(response *http.Response) string {
	if to := response.Header.Get("Location"); to != "" {
		return response.Status + " to " + to + ", which is not followed"
	}
	return response.Status
}
