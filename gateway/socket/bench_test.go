package socket

import (
	"fmt"
	"testing"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// BenchmarkHeartbeat is what a heartbeat costs once it has been read: decoded, checked, applied.
func BenchmarkHeartbeat(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("conns=%d", n), func(b *testing.B) {
			e := newEnv(b, func(c *Config) { c.MessageRate, c.MessageBurst = 1e12, 1e12 })
			defer e.close()
			var hold admit.Hold
			conns := make([]*conn, n)
			for i := range conns {
				conns[i] = e.bench(b, fmt.Sprintf("participant-%012d", i))
			}
			data := []byte(`{"type":"heartbeat","activity":"online"}`)
			var m message
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				conns[i].receive(data, &m, &hold)
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}

// bench is a welcomed connection without a socket.
func (e *env) bench(t testing.TB, participant string) *conn {
	c := newConn(e.srv, nil)
	c.nc = &guard{of: c}
	at, err := e.node.Attach(t.Context(), participant, "device-00000", shard.ActivityOnline)
	if err != nil {
		t.Fatal(err)
	}
	c.at, c.welcomed, c.tenure.participant = at, true, tenant.Participant(participant)
	return c
}
