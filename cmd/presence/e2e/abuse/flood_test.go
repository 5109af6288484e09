package abuse

import (
	"context"
	"fmt"
	"testing"
)

// TestFloods asks without a token that is any good, as fast as one machine can.
func TestFloods(t *testing.T) {
	z := sized()
	for _, f := range []struct{ name, path, token string }{
		{
			"bad tokens", "/v1/presence?ids=ann",
			"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		},
		{"no token", "/v1/presence?ids=ann", ""},
		{"the contract file", "/v1/openapi.yaml", ""},
	} {
		for _, addresses := range []int{1, z.addresses} {
			if !full() && addresses == 1 {
				continue
			}
			t.Run(fmt.Sprintf("%s from %d", f.name, addresses), func(t *testing.T) {
				n := newNode(t, setting{})
				a := strangers(n, max(100, addresses), addresses)
				request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", f.path, auth(f.token))
				got := besiege(t, n, sized(),
					func(ctx context.Context) { a.paced(ctx, z.flood, func(int) string { return request }) })
				name := fmt.Sprintf("%d requests a second from %d addresses: %s", z.flood, addresses, f.name)
				rows.add(t, name, append(got.figures(byStrangers, mostMemory),
					told("%.0f answered a second", a.rate(z.attack)))...)
			})
		}
	}
}
