package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// Name is one boot of a node.
type Name struct {
	ID   string
	Boot string
}

func (n Name) String() string { return n.ID + "~" + n.Boot }

// ParseName reads what String wrote.
func ParseName(s string) (Name, error) {
	i := strings.LastIndexByte(s, '~')
	if i <= 0 || i == len(s)-1 {
		return Name{}, fmt.Errorf("node %.80q; must be ID~BOOT", s)
	}
	return Name{s[:i], s[i+1:]}, nil
}

// Local is what this node tells whoever it dials, and expects of whoever dials it.
type Local struct {
	Name     Name
	Cluster  string // those with another name are refused
	Protocol string // likewise: version and constants
	TLS      *TLS   // nil: plain
	Handler  Handler
	Logger   *slog.Logger
	Stats    *Stats

	Members Members // nil: whoever comes is one

	Dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	Clock func() time.Time                                                     // nil: time.Now
}

// Members are those with whom links are made.
type Members interface {
	// Knows reports whether a node is a member.
	Knows(name Name) bool
	// Await waits until it is one, and reports whether it is before ctx ends.
	Await(ctx context.Context, name Name) bool
	// Introduce tells a node of this one, soon: it has refused a link. It must not wait.
	Introduce(to Name)
}

// The header fields of the upgrade request.
const (
	headerCluster  = "Presence-Cluster"
	headerProtocol = "Presence-Protocol"
	headerFrom     = "Presence-From"
	headerTo       = "Presence-To"
	headerClass    = "Presence-Class"
	headerClock    = "Presence-Clock" // Unix milliseconds; of the answer, too
	path           = "/link"
)

// Peer keeps connections to another node.
type Peer struct {
	// static
	local   *Local
	name    Name
	address string
	client  *http.Client
	stop    context.CancelFunc
	running sync.WaitGroup

	introduced time.Time // the keeper of Hot only

	conns [classes]atomic.Pointer[Conn]
}

// Dial begins to keep connections to a node at address (host:port), until Close.
func Dial(local *Local, name Name, address string) *Peer {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Peer{local: local, name: name, address: address, stop: cancel, client: local.httpClient(name)}
	for c := range classes {
		p.running.Go(func() { p.keep(ctx, c) })
	}
	return p
}

func (l *Local) httpClient(to Name) *http.Client {
	t := &http.Transport{DialContext: l.Dial, DisableKeepAlives: true, ForceAttemptHTTP2: false, Proxy: nil}
	if t.DialContext == nil {
		t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if l.TLS != nil {
		t.TLSClientConfig = l.TLS.client(to.ID)
	}
	follow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: t, CheckRedirect: follow}
}

const (
	dialTimeout = 2 * time.Second
	firstRedial = 20 * time.Millisecond
	maxRedial   = time.Second
	shortLived  = time.Second // a connection that ended sooner is dialed again no faster than one that wasn't made

	introduceEvery = 5 * time.Second
)

// Name is who is dialed.
func (p *Peer) Name() Name { return p.name }

// Conn is the connection of a class, or nil while there is none.
func (p *Peer) Conn(c Class) *Conn { return p.conns[c].Load() }

// Healthy says whether the peer answers at the moment.
func (p *Peer) Healthy() bool {
	c := p.conns[Hot].Load()
	return c != nil && c.Healthy()
}

// Call asks the peer; see Conn.Call.
func (p *Peer) Call(ctx context.Context, class Class, method byte, payload []byte,
	take func(reply []byte) error,
) error {
	c := p.conns[class].Load()
	if c == nil {
		return ErrClosed
	}
	return c.Call(ctx, method, payload, take)
}

// Close ends the connections and waits for what they run.
func (p *Peer) Close() {
	p.stop()
	p.running.Wait()
	p.client.CloseIdleConnections()
}

// keep dials again whenever there is no connection.
func (p *Peer) keep(ctx context.Context, class Class) {
	wait := firstRedial
	for ctx.Err() == nil {
		conn, err := p.dial(ctx, class)
		if err != nil {
			p.report(ctx, class, err)
		} else if p.use(ctx, conn) > shortLived {
			wait = firstRedial
			continue
		}
		sleep(ctx, wait/2+rand.N(wait))
		wait = min(2*wait, maxRedial)
	}
}

// use works with a connection until it ends, and says how long that was.
func (p *Peer) use(ctx context.Context, conn *Conn) time.Duration {
	start := time.Now()
	p.local.Stats.Dialed.Add(1)
	p.conns[conn.class].Store(conn)
	stop := context.AfterFunc(ctx, conn.Close)
	err := conn.run()
	stop()
	p.conns[conn.class].Store(nil)
	if ctx.Err() == nil {
		p.local.Stats.Lost.Add(1)
		p.local.Logger.Info("link lost", "peer", p.name.ID, "class", conn.class, "error", err)
	}
	return time.Since(start)
}

func (p *Peer) report(ctx context.Context, class Class, err error) {
	if ctx.Err() == nil && class == Hot {
		if p.local.TLS != nil {
			err = p.local.TLS.ours(err)
		}
		p.local.Logger.Warn("link not made", "peer", p.name.ID, "address", p.address, "error", err)
		p.introduce(err)
	}
}

// introduce has gossip tell the peer of this node, if it refused: gossip is told to some at a time,
// by packets, and may pass somebody by for half a minute.
func (p *Peer) introduce(err error) {
	if errors.Is(err, errRefused) && p.local.Members != nil && time.Since(p.introduced) > introduceEvery {
		p.introduced = time.Now()
		p.local.Members.Introduce(p.name)
	}
}

func (p *Peer) dial(ctx context.Context, class Class) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	scheme := "ws://"
	if p.local.TLS != nil {
		scheme = "wss://"
	}
	h := http.Header{}
	h.Set(headerCluster, p.local.Cluster)
	h.Set(headerProtocol, p.local.Protocol)
	h.Set(headerFrom, p.local.Name.String())
	h.Set(headerTo, p.name.String())
	h.Set(headerClass, class.String())
	h.Set(headerClock, p.local.clock())
	options := &websocket.DialOptions{HTTPClient: p.client, HTTPHeader: h}
	ws, resp, err := websocket.Dial(ctx, scheme+p.address+path, options)
	if err != nil {
		return nil, refusal(resp, err)
	}
	c := newConn(ws, true, class, p.name, p.local.Handler, p.local.Stats)
	c.ahead = p.local.aheadOf(resp.Header)
	return c, nil
}

func (l *Local) now() time.Time {
	if l.Clock == nil {
		return time.Now()
	}
	return l.Clock()
}

func (l *Local) clock() string { return strconv.FormatInt(l.now().UnixMilli(), 10) }

// aheadOf is how far a peer's clock is ahead of the one here; 0 if it doesn't say.
func (l *Local) aheadOf(h http.Header) time.Duration {
	ms, err := strconv.ParseInt(h.Get(headerClock), 10, 64)
	if err != nil {
		return 0
	}
	return time.UnixMilli(ms).Sub(l.now())
}

// errRefused is all that a node is told that is refused: it might be a stranger.
var errRefused = errors.New("the other node refused, and its log says why; " +
	"compare --cluster-name, version and timings, and whether gossip gets through in both directions")

// refusal is errRefused, if a peer did.
func refusal(resp *http.Response, err error) error {
	if resp != nil && resp.StatusCode == http.StatusForbidden {
		return errRefused
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
