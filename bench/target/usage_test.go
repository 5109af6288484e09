package target

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/result"
)

func TestTimesAreFoundBehindAnyName(t *testing.T) {
	for stat, want := range map[string]time.Duration{
		"7 (presence) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20": 1750 * time.Millisecond,
		"7 (a b) R) S 1 7 7 0 -1 4194560 1 2 3 4 1 2 0 0 20":      30 * time.Millisecond,
	} {
		if got, err := cpuTime([]byte(stat)); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", stat, got, err, want)
		}
	}
	if _, err := cpuTime([]byte("7 (presence) S 1")); err == nil {
		t.Error("a short line gave a time")
	}
}

// burn works until this process has used d more.
func burn(t *testing.T, d time.Duration) {
	t.Helper()
	for begun := used(t); used(t)-begun < d; {
		for i := range 1_000_000 {
			sink += i
		}
	}
}

var sink int

func used(t *testing.T) time.Duration {
	t.Helper()
	u, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return u.CPU
}

func TestOnlyWhatIsMeasuredCounts(t *testing.T) {
	m := NewMeter(time.Now())
	m.Watch("self", result.Generator, os.Getpid())
	burn(t, 100*time.Millisecond)
	if cpu := m.CPU(result.Generator); cpu != 0 {
		t.Errorf("%v s counted before Begin", cpu)
	}
	m.Begin()
	burn(t, 200*time.Millisecond)
	m.End()
	counted := m.CPU(result.Generator)
	burn(t, 100*time.Millisecond)
	p := m.Close()[0]
	if counted < 0.2 || p.CPU != counted {
		t.Errorf("%v s counted of 0.2, %v in the end; want what was used between Begin and End", counted, p.CPU)
	}
	if last := p.Samples[len(p.Samples)-1]; last.RSS == 0 || p.RSSPeak < last.RSS || p.PID != os.Getpid() {
		t.Errorf("sample %+v of %+v", last, p)
	}
}

func TestAProcessThatEnds(t *testing.T) {
	cmd := exec.Command("sleep", "1h")
	if err := StartOn(nil, cmd); err != nil {
		t.Fatal(err)
	}
	m := NewMeter(time.Now())
	m.Watch("child", result.Server, cmd.Process.Pid)
	if m.RSS(result.Server) == 0 {
		t.Error("no memory while it runs")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if rss := m.RSS(result.Server); rss != 0 {
		t.Errorf("%d bytes after it ended", rss)
	}
	if p := m.Close()[0]; p.RSSEnd == 0 {
		t.Error("what was seen last is forgotten")
	}
}
