package link

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard/wake"
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

	introduced time.Time // of the latest; the goroutine that keeps Hot only

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
	shortLived  = time.Second // a connection that ended sooner counts as one that wasn't made

	introduceEvery = 5 * time.Second // at most, while the peer refuses
)

// Name is the node that is dialed.
func (p *Peer) Name() Name { return p.name }

// Conn is the connection of a class, or nil while there is none.
func (p *Peer) Conn(c Class) *Conn { return p.conns[c].Load() }

// Healthy reports whether the peer answers at the moment.
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
		wake.Pause(ctx, wait/2+rand.N(wait))
		wait = min(2*wait, maxRedial)
	}
}

// use runs a connection until it ends, and returns how long that was.
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

// introduce has gossip tell the peer of this node, if the peer refused. The packets of gossip reach
// some nodes at a time, and may pass one by for half a minute.
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
	h.Set(headerProtocol, p.local.Terms.Text())
	h.Set(headerSpeaks, p.local.Terms.Speaks())
	h.Set(headerFrom, p.local.Name.String())
	h.Set(headerTo, p.name.String())
	h.Set(headerClass, class.String())
	h.Set(headerClock, p.local.clock())
	options := &websocket.DialOptions{HTTPClient: p.client, HTTPHeader: h}
	ws, resp, err := websocket.Dial(ctx, scheme+p.address+path, options)
	if err != nil {
		return nil, refusal(resp, err)
	}
	there, err := protocol.ReadSpeaks(p.local.Terms.Text(), resp.Header.Get(headerSpeaks))
	if err != nil {
		_ = ws.CloseNow()
		return nil, err
	}
	c := newConn(ws, true, class, p.name, p.local)
	c.ahead, c.protocol = p.local.aheadOf(resp.Header), p.local.Terms.Common(there.Range)
	return c, nil
}

// refusal is errRefused, if a peer did.
func refusal(resp *http.Response, err error) error {
	if resp != nil && resp.StatusCode == http.StatusForbidden {
		return errRefused
	}
	return err
}
