package load

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// API makes requests as a backend does, each to any node that is up. It keeps its connections.
type API struct {
	Cluster *target.Cluster
	client  *http.Client
}

// requestPatience is how long an answer may take: the server itself gives up a write after 5 s.
const requestPatience = 10 * time.Second

// NewAPI returns an API of c. Close it.
func NewAPI(c *target.Cluster) *API {
	return &API{c, &http.Client{
		Timeout: requestPatience,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 256, DisableCompression: true, WriteBufferSize: 64 << 10, ReadBufferSize: 64 << 10,
			TLSClientConfig: c.TLS, Protocols: onlyHTTP1(),
		},
	}}
}

// Fresh returns an API that makes a connection for each request, as clients do that are new.
func (a *API) Fresh() *API {
	fresh := NewAPI(a.Cluster)
	fresh.client.Transport.(*http.Transport).DisableKeepAlives = true
	return fresh
}

// onlyHTTP1 makes the load over https the same as over http: HTTP/2 would put all requests to a
// node on one connection.
func onlyHTTP1() *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP1(true)
	return p
}

// Wait sets how long an answer may take. At saturation, how soon a server answers says nothing.
func (a *API) Wait(limit time.Duration) { a.client.Timeout = limit }

// Close ends the connections.
func (a *API) Close() { a.client.CloseIdleConnections() }

// do sends a request to any node that is up.
func (a *API) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	up := a.Cluster.Up()
	if len(up) == 0 {
		return nil, errNoNode
	}
	return a.send(ctx, up[rand.IntN(len(up))], method, path, body)
}

// send returns the whole answer. A status from 300 on is an error.
func (a *API) send(ctx context.Context, n *target.Node, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, n.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.Cluster.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := target.Whole(res)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal{StatusError(res.StatusCode), out}
	}
	return out, nil
}

// Beat sends a batch of n heartbeats. It fails when some are rejected.
func (a *API) Beat(ctx context.Context, body []byte, n int) error {
	return a.batch(ctx, "/v1/heartbeats", body, n)
}

// batch sends n items that are accepted or rejected each by itself.
func (a *API) batch(ctx context.Context, path string, body []byte, n int) error {
	out, err := a.do(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	var reply struct {
		Accepted int `json:"accepted"`
	}
	if err := json.Unmarshal(out, &reply); err != nil {
		return err
	}
	if reply.Accepted != n {
		return ErrRejected
	}
	return nil
}

// Query asks for the states of many ids. EachState reads the answer.
func (a *API) Query(ctx context.Context, body []byte) ([]byte, error) {
	return a.do(ctx, http.MethodPost, "/v1/presence/query", body)
}

// Post sends a body to a path that only another server than Presence has, and returns the answer.
func (a *API) Post(ctx context.Context, path string, body []byte) ([]byte, error) {
	return a.do(ctx, http.MethodPost, path, body)
}

// Override sets the override of a participant.
func (a *API) Override(ctx context.Context, id, override string) error {
	_, err := a.do(ctx, http.MethodPut, "/v1/presence/"+id+"/override", []byte(`{"override":"`+override+`"}`))
	return err
}
