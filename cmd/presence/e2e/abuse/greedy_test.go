package abuse

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// byUser is how much slower others may be served while one user attacks.
const byUser = 2

// feat is something that one user with a valid token does all the time.
type feat struct {
	name string
	do   func(ctx context.Context, g *greedy)
}

// greedy is that user.
type greedy struct {
	*attacker
	token string
}

// feats are the heaviest calls that a user may make, each at a rate that is allowed or above.
func feats() []feat {
	ids := names(1000)
	whole, line := string(question(10_000)), longLine()
	return []feat{
		{
			"32 sockets that subscribe and unsubscribe 1,000 ids",
			func(ctx context.Context, g *greedy) { g.flipSubscriptions(ctx, ids) },
		},
		{"68 queries a second of 10,000 ids", func(ctx context.Context, g *greedy) {
			g.requests(ctx, 68, "POST", "/v1/presence/query", whole)
		}},
		{"300 queries a second of 10,000 ids", func(ctx context.Context, g *greedy) {
			g.requests(ctx, 300, "POST", "/v1/presence/query", whole)
		}},
		{
			"100 lines of 500 KB a second",
			func(ctx context.Context, g *greedy) { g.requests(ctx, 100, "GET", line, "") },
		},
		{"500 overrides a second", func(ctx context.Context, g *greedy) { g.flipOverrides(ctx, 500) }},
		{
			"32 event streams of 1,000 ids, again and again",
			func(ctx context.Context, g *greedy) { g.reopenStreams(ctx, ids) },
		},
		{
			"32 sockets that query 1,000 ids and read nothing",
			func(ctx context.Context, g *greedy) { g.readNothing(ctx, ids) },
		},
	}
}

// held are the ways to hold something back with a token.
func heldBy(token string) []shape {
	return []shape{heldBodies(token), upgrades(token), idle("/v1/presence?ids=ann", token)}
}

// upgrades say hello and stay.
func upgrades(token string) shape {
	return shape{"upgrades with a token", func(c net.Conn) error { return upgrade(c, token) }, ""}
}

func names(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf(`"contact-%07d"`, i)
	}
	return strings.Join(ids, ",")
}

// longLine is as long as a request line may be, for 1,000 ids of 128 bytes and parameters that say
// nothing.
func longLine() string {
	id := strings.Repeat("x", 120)
	var b strings.Builder
	b.WriteString("/v1/presence?")
	for i := range 1000 {
		fmt.Fprintf(&b, "ids=%s%07d&", id, i)
	}
	for b.Len() < 500_000 {
		b.WriteString("ids=x&")
	}
	return b.String()
}

// requests are so many a second over 32 connections, whatever the answers.
func (g *greedy) requests(ctx context.Context, rate int, method, path, body string) {
	request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: application/json\r\nContent-Length: "+
		"%d\r\n\r\n%s",
		method, path, auth(g.token), len(body), body)
	g.paced(ctx, rate, func(int) string { return request })
}

func (g *greedy) flipOverrides(ctx context.Context, rate int) {
	g.paced(ctx, rate, func(i int) string {
		body := `{"override":"` + []string{"busy", "appear_offline"}[i%2] + `"}`
		return fmt.Sprintf("PUT /v1/presence/me/override HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: "+
			"application/json\r\n"+
			"Content-Length: %d\r\n\r\n%s", auth(g.token), len(body), body)
	})
}

func newGreedy(t *testing.T, n *node, conns int) *greedy {
	t.Helper()
	return &greedy{strangers(n, conns, 1), token(t, "greedy", nil)}
}

// TestUser has one user hold back what one may, and make the heaviest calls.
func TestUser(t *testing.T) {
	if !full() {
		t.Skip("each way by itself is for `make abuse`")
	}
	for _, s := range heldBy(token(t, "greedy", nil)) {
		t.Run(s.name, func(t *testing.T) {
			n := newNode(t, setting{})
			g := newGreedy(t, n, sized().conns)
			got := besiege(t, n, sized(), func(ctx context.Context) { g.hold(ctx, s.send, s.drip) })
			rows.add(t, fmt.Sprintf("one user, %d connections: %s", g.conns, s.name),
				got.figures(byUser, mostMemory)...)
		})
	}
	for _, f := range feats() {
		t.Run(f.name, func(t *testing.T) {
			n := newNode(t, setting{})
			got := besiege(t, n, sized(), func(ctx context.Context) { f.do(ctx, newGreedy(t, n, 32)) })
			rows.add(t, "one user: "+f.name, got.figures(byUser, mostMemory)...)
		})
	}
}

// TestUserAtOnce does all of it at once, to a node that has 256 MB.
func TestUserAtOnce(t *testing.T) {
	n := newNode(t, within(t, memoryOfNode))
	g := newGreedy(t, n, sized().conns)
	got := besiege(t, n, sized(), func(ctx context.Context) {
		var running sync.WaitGroup
		defer running.Wait()
		running.Go(func() { g.all(ctx, heldBy(g.token)) })
		for _, f := range feats() {
			running.Go(func() { f.do(ctx, newGreedy(t, n, 32)) })
		}
	})
	rows.add(t, fmt.Sprintf("one user, %d connections: all of that", g.conns),
		append(got.figures(byUser, mostMemory), confined())...)
}
