package authorize

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Timeout is how long the endpoint has for an answer, and how long a question waits for a place.
const Timeout = time.Second

const (
	// Places is how many calls are under way at once.
	Places = 32
	// MostKept is the default of Config.MostKept: some 40 MB.
	MostKept = 1_000_000
)

// Config is what a Client is made from.
type Config struct {
	URL      string         // https, or http to loopback
	Secrets  func() Secrets // that sign; all of the moment
	MostKept int            // pairs of viewer and id whose answer is kept
	Logger   *slog.Logger

	Transport http.RoundTripper // nil: one that keeps a connection for each place
}

// Client asks one endpoint. All methods are safe for concurrent use.
type Client struct {
	// static
	config Config
	http   *http.Client
	places chan struct{}
	ctx    context.Context // ends with Close
	stop   context.CancelFunc

	running  sync.WaitGroup
	circuit  circuit
	counters counters

	mu      sync.Mutex
	kept    kept
	flights map[string]map[string]seat // by viewer and id: what is being asked
}

// flight is one call to the endpoint.
type flight struct {
	// static
	viewer string
	ids    []string
	done   chan struct{} // closed once it has landed

	stale bool // Forget came after it was sent. Under Client.mu until done

	// set before done is closed
	allowed []bool // as long as ids; nil: the endpoint has not answered
	until   time.Time
}

// seat is the place of an id in a flight.
type seat struct {
	of *flight
	at int
}

type counters struct {
	answered, failed, turnedAway, asked, forgotten atomic.Int64
}

// Stats are a client's figures: two gauges, and counters since the start.
type Stats struct {
	Open bool // the circuit is: the endpoint isn't asked
	Kept int  // pairs whose answer is kept

	Answered   int64 // calls that brought an answer
	Failed     int64 // calls that brought none
	TurnedAway int64 // questions that were not sent: the circuit was open, or all places were taken
	Asked      int64 // ids that were sent
	Dropped    int64 // answers that made room for others
	Forgotten  int64 // viewers named to Forget
}

// New returns a client. It calls nobody before it is asked.
func New(c Config) (*Client, error) {
	if err := CheckURL(c.URL); err != nil {
		return nil, err
	}
	a := &Client{config: c, http: newHTTP(c.Transport), places: make(chan struct{}, Places)}
	a.circuit.log = c.Logger
	a.ctx, a.stop = context.WithCancel(context.Background())
	a.kept.init(c.MostKept)
	a.flights = make(map[string]map[string]seat)
	return a, nil
}

// Close ends the calls under way and waits for them.
func (c *Client) Close() {
	c.stop()
	c.running.Wait()
	c.http.CloseIdleConnections()
}

// Stats reads the figures.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	n, dropped := c.kept.pairs, c.kept.dropped
	c.mu.Unlock()
	return Stats{
		Open: c.circuit.remark() != "", Kept: n, Dropped: dropped,
		Answered: c.counters.answered.Load(), Failed: c.counters.failed.Load(),
		TurnedAway: c.counters.turnedAway.Load(), Asked: c.counters.asked.Load(),
		Forgotten: c.counters.forgotten.Load(),
	}
}

// Remark is what an operator should know: that the endpoint isn't answering, and why. Empty if
// there is nothing.
func (c *Client) Remark() string { return c.circuit.remark() }

// CheckURL refuses what could be read, or answered, by others than the endpoint.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("authorize: not a URL") // url.Parse repeats the address, which may hold a password
	}
	if u.Scheme == "https" && u.Hostname() != "" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("authorize: %s must be https://, or http:// to a loopback address", u.Redacted())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// newHTTP makes a client that follows nowhere.
func newHTTP(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			ForceAttemptHTTP2:      true,
			MaxConnsPerHost:        Places,
			MaxIdleConnsPerHost:    Places,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: 64 << 10,
		}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
