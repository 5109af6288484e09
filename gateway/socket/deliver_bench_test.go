package socket

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
)

// BenchmarkDeliveries is what the server pays for telling a change to many sockets over loopback,
// beside a loop that does nothing but write the same bytes to the same sockets. The clients are
// another process, on the first core; keep the server off it:
//
//	taskset -c 1 go test ./gateway/socket -run '^$' -bench Deliveries
//
// A round ends when each client has read what it was sent, as in `presence-bench compare redis`.
func BenchmarkDeliveries(b *testing.B) {
	const sockets = 1000
	timings := cluster.DefaultSettings()
	timings.HeartbeatInterval = time.Hour
	e := newTimedEnv(b, timings, func(c *Config) { c.AllOrigins, c.Deadline = true, timings.Deadline() })
	b.Cleanup(e.close)
	client := e.audience(b, sockets)
	conns := e.srv.registry.all()
	for _, n := range []int{loadTogether, 1} { // all of them change as long as no round leaves some out
		b.Run(fmt.Sprintf("changes=%d", n), func(b *testing.B) {
			tellRounds(b, client, sockets, n, func([]byte) { e.change([]string{strconv.Itoa(n)}) })
		})
		b.Run(fmt.Sprintf("changes=%d/write", n), func(b *testing.B) {
			tellRounds(b, client, sockets, n, func(frame []byte) {
				for _, c := range conns {
					_, _ = c.nc.Conn.Write(frame)
				}
			})
		})
	}
}

// audience connects so many clients over loopback, who watch the crowd's ids.
func (e *env) audience(b *testing.B, sockets int) *process {
	b.Helper()
	l := listenLoopback(b)
	b.Cleanup(func() { _ = l.Close() })
	go func() { _ = e.http.Serve(l) }()
	client := pinned(b, "client", "0")
	client.line(b)
	client.ask(b, "connect %s %d server", l.Addr(), sockets)
	client.ask(b, "subscribe")
	return client
}

// tellRounds has tell send each socket a frame with n changes, until the benchmark has enough.
func tellRounds(b *testing.B, client *process, sockets, n int, tell func(frame []byte)) {
	i, start := 0, cpu()
	for b.Loop() {
		frame := crowdFrame(n)
		tell(frame)
		client.ask(b, "hear %d", sockets*len(frame))
		i++
	}
	each := float64(cpu()-start) / float64(i*sockets*n)
	b.ReportMetric(each, "cpu-ns/delivery")
	b.ReportMetric(1e9/each, "deliveries/cpu-s")
}

// crowdFrame is what the next e.change leads to.
func crowdFrame(n int) []byte {
	changes := make([]hub.Change, n)
	for i := range changes {
		changes[i] = *changeOf(tenant.Participant(crowd+strconv.Itoa(i)), crowdState(flips+1))
	}
	return appendChanges(nil, changes)
}
