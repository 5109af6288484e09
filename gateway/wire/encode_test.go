package wire

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

func TestAppendStates(t *testing.T) {
	ids := []string{"a", `q"\`, "é", "<b>", "\U0001F600", "\u2028"}
	states := []shard.State{shard.Online, shard.Offline, shard.Idle, shard.Busy, shard.AppearOffline, shard.Unknown}
	got := AppendStates([]byte("x"), tenant.Name("acme").Participants(ids), states)
	want := "x{\"a\":\"online\",\"q\\\"\\\\\":\"offline\",\"é\":\"idle\",\"<b>\":\"busy\",\"\U0001F600\":\"appear_offline\",\"\u2028\":\"unknown\"}"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := AppendStates(nil, tenant.List{}, nil); string(got) != "{}" {
		t.Errorf("nothing: %s", got)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\x7f\u2028é\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(AppendString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if utf8.ValidString(s) && back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func BenchmarkAppendStates(b *testing.B) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("participant-%012d", i)
	}
	list, states := tenant.Name("").Participants(ids), make([]shard.State, len(ids))
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendStates(buf[:0], list, states)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(ids)), "ns/id")
}
