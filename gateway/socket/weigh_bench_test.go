package socket

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// BenchmarkMessages is what each kind of message costs, ids of 24 bytes, over a pipe and with the
// client's part. Divided into a second and by the rates, it says how much of a core one participant
// can take.
func BenchmarkMessages(b *testing.B) {
	ids := `["participant-000000000000"`
	for i := 1; i < 1000; i++ {
		ids += fmt.Sprintf(`,"participant-%012d"`, i)
	}
	ids += "]"
	for _, kind := range []struct {
		name     string
		n        int
		messages []string
	}{
		{"heartbeat", 0, []string{`{"type":"heartbeat","activity":"online","req":"r"}`}},
		{"flip", 0, []string{
			`{"type":"heartbeat","activity":"idle","req":"r"}`,
			`{"type":"heartbeat","activity":"online","req":"r"}`,
		}},
		{"override", 0, []string{
			`{"type":"override","override":"busy","req":"r"}`,
			`{"type":"override","override":"auto","req":"r"}`,
		}},
		{"query", 1000, []string{`{"type":"query","req":"r","ids":` + ids + `}`}},
		{"subscribe-unsubscribe", 1000, []string{
			`{"type":"subscribe","req":"r","ids":` + ids + `}`,
			`{"type":"unsubscribe","req":"r","ids":` + ids + `}`,
		}},
		{"padding-256KiB", 1024, []string{fmt.Sprintf(`{"type":"query","req":"r",%s"ids":["a"]}`,
			fmt.Sprintf("%*s", 260_000, ""))}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			e := newEnv(b, func(c *Config) { c.MessageRate, c.MessageBurst, c.ReadWait = 1e12, 1e12, time.Minute })
			defer e.close()
			c := e.join("participant-000000000000", "device")
			b.ReportAllocs()
			i, start := 0, cpu()
			for b.Loop() {
				c.send("%s", kind.messages[i%len(kind.messages)])
				c.answered()
				i++
			}
			b.ReportMetric(float64(cpu()-start)/float64(i), "cpu-ns/op")
			if kind.n > 0 {
				b.ReportMetric(float64(cpu()-start)/float64(i*kind.n), "cpu-ns/id")
			}
			c.leave()
		})
	}
}

// answered reads on to the answer, past what came by itself.
func (c *client) answered() {
	for m := range c.msgs {
		if len(m) > 9 && m[len(m)-10:] == `"req":"r"}` {
			return
		}
	}
}

// cpu is what this process has used: unlike the time on the wall it doesn't grow with what else
// runs.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
