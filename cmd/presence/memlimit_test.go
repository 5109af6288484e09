package main

import (
	"bytes"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway"
)

func TestMemoryLimit(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	root := t.TempDir()
	for file, text := range map[string]string{
		"proc/self/cgroup":             "0::/app\n",
		"sys/fs/cgroup/app/memory.max": "1073741824\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := func(m memoryLimit) string {
		var b bytes.Buffer
		m.apply(slog.New(slog.NewTextHandler(&b, nil)), 64<<20)
		return b.String()
	}
	if m := findMemoryLimit(t.TempDir()); m != (memoryLimit{}) || !strings.Contains(said(m), "memory has no limit") {
		t.Errorf("without a limit: %+v", m)
	}
	if now := debug.SetMemoryLimit(-1); now != math.MaxInt64 {
		t.Errorf("the runtime keeps to %d where nobody has said anything", now)
	}
	text := said(findMemoryLimit(root))
	if now := debug.SetMemoryLimit(-1); now != 1<<30/10*9 || !strings.Contains(text, "limit=1GiB") ||
		!strings.Contains(text, "app/memory.max") {
		t.Errorf("the runtime keeps to %d; said %s", now, text)
	}
	debug.SetMemoryLimit(512 << 20)
	text = said(findMemoryLimit(root))
	if now := debug.SetMemoryLimit(-1); now != 512<<20 || !strings.Contains(text, "GOMEMLIMIT") {
		t.Errorf("the runtime keeps to %d, set by hand; said %s", now, text)
	}
}

func TestRequestMemory(t *testing.T) {
	defaults := gateway.DefaultLimits()
	least := size(defaults.LeastRequestMemory())
	for limit, want := range map[int64]size{0: 64 << 20, 4 << 30: 64 << 20, 400 << 20: 50 << 20, 64 << 20: least} {
		if got := requestMemoryFor(limit); got != want {
			t.Errorf("limit %d: %d, want %d", limit, got, want)
		}
	}
}
