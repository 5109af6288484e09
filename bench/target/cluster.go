package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Cluster is the servers that a scenario talks to.
type Cluster struct {
	Nodes []*Node
	Token string      // of a backend: with the scope presence:service
	TLS   *tls.Config // for https; nil: no https

	// Of local nodes, from the start of the first until all were ready, and until all agreed.
	Ready, Agreed time.Duration
}

// Plan is how local nodes are started.
type Plan struct {
	Nodes  int
	Binary string
	Cores  []int    // that nodes may use; none: any
	Token  string   // of a backend; empty: a name, as with --auth=insecure
	Flags  []string // for each node besides its addresses, such as --heartbeat-interval=5s
}

// localToken is the token of a backend with --auth=insecure.
const localToken = "service"

// StartLocal starts nodes on loopback at free ports, and waits until they are one cluster. When it
// fails, it leaves none behind.
func StartLocal(ctx context.Context, p Plan) (*Cluster, error) {
	addrs, err := Ports(4 * p.Nodes)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Token: cmp.Or(p.Token, localToken)}
	var seeds []string
	for i := range p.Nodes {
		seeds = append(seeds, addrs[4*i+3])
	}
	for i, at := range slices.Collect(slices.Chunk(addrs, 4)) {
		n := &Node{
			Name: fmt.Sprintf("n%d", i+1), URL: "http://" + at[0], Admin: "http://" + at[1], Gossip: at[3],
			cores: p.Cores, addrs: at,
		}
		n.args = append([]string{
			p.Binary, "serve", "--node-id=" + n.Name, "--listen=" + at[0], "--admin-listen=" + at[1],
			"--peer-listen=" + at[2], "--gossip-listen=" + at[3], "--join=" + strings.Join(seeds, ","),
			"--join-wait=3s", "--log-level=warn", "--cluster-name=bench",
		}, p.Flags...)
		c.Nodes = append(c.Nodes, n)
	}
	if err := c.begin(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) begin(ctx context.Context) error {
	begun := time.Now()
	for _, n := range c.Nodes {
		if err := n.start(); err != nil {
			return err
		}
	}
	for _, n := range c.Nodes {
		if err := n.awaitReady(ctx); err != nil {
			return err
		}
	}
	c.Ready = time.Since(begun)
	_, err := c.Settle(ctx)
	c.Agreed = time.Since(begun)
	return err
}

// Running returns a cluster that runs already. Its certificates must be signed by one in caFile, or
// without that by one of the system's.
func Running(servers []string, token, caFile string) (*Cluster, error) {
	trusted, err := trust(caFile)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Token: token, TLS: trusted}
	for _, s := range servers {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
			strings.Trim(u.RequestURI(), "/") != "" || u.User != nil {
			return nil, fmt.Errorf("--server=%s: must be a URL such as http://127.0.0.1:8080, of a host and no path", s)
		}
		n := &Node{Name: u.Host, URL: u.Scheme + "://" + u.Host}
		n.up.Store(true)
		c.Nodes = append(c.Nodes, n)
	}
	return c, nil
}

// description is what Settle reads of GET /v1/cluster.
type description struct {
	Fingerprint string `json:"fingerprint"`
	Moving      int    `json:"moving"`
	Members     []struct {
		State string `json:"state"`
	} `json:"members"`
}

// Settle waits until all nodes that are up see each other and no partition moves, and returns how
// long that took.
func (c *Cluster) Settle(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	for {
		why := c.unsettled(ctx)
		if why == nil {
			return time.Since(start), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("target: the nodes do not agree after %v: %w",
				time.Since(start).Round(time.Millisecond), why)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *Cluster) unsettled(ctx context.Context) error {
	tables := make(map[string]bool)
	for _, n := range c.Up() {
		var d description
		if err := get(ctx, c.TLS, n.URL+"/v1/cluster", c.Token, &d); err != nil {
			return err
		}
		serving := 0
		for _, m := range d.Members {
			if m.State == "serving" {
				serving++
			}
		}
		if serving != len(c.Up()) || len(d.Members) != serving || d.Moving > 0 {
			return fmt.Errorf("%s sees %d of %d members serving, %d partitions moving",
				n.Name, serving, len(d.Members), d.Moving)
		}
		tables[d.Fingerprint] = true
	}
	if len(tables) != 1 {
		return fmt.Errorf("there are %d partition tables", len(tables))
	}
	return nil
}

// Up returns the nodes to which clients go.
func (c *Cluster) Up() (up []*Node) {
	for _, n := range c.Nodes {
		if n.Up() {
			up = append(up, n)
		}
	}
	return up
}

// Close kills the nodes that were started here. Nothing of them is wanted any more, so they don't
// hand over first.
func (c *Cluster) Close() error {
	for _, n := range c.Nodes {
		if n.PID() != 0 {
			n.Kill()
		}
	}
	return nil
}
