package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCgroupLimit(t *testing.T) {
	const v1, v2 = "/sys/fs/cgroup/memory", "/sys/fs/cgroup"
	for name, tt := range map[string]struct {
		groups string
		files  map[string]string
		limit  int64
		from   string
	}{
		"version 2": {
			"0::/app\n",
			map[string]string{v2 + "/app/memory.max": "268435456\n"},
			256 << 20,
			v2 + "/app/memory.max",
		},
		"version 2, none": {"0::/app\n", map[string]string{v2 + "/app/memory.max": "max\n"}, 0, ""},
		"version 2, above": {
			"0::/a/b\n",
			map[string]string{v2 + "/a/memory.max": "1000", v2 + "/a/b/memory.max": "2000"},
			1000,
			v2 + "/a/memory.max",
		},
		"version 2, of a mount": {
			"0::/../host/path\n",
			map[string]string{v2 + "/memory.max": "1000"},
			1000,
			v2 + "/memory.max",
		},
		"version 1": {
			"9:name=systemd:/\n4:cpu,memory:/app\n0::/\n",
			map[string]string{v1 + "/app/memory.limit_in_bytes": "1000\n"},
			1000, v1 + "/app/memory.limit_in_bytes",
		},
		"version 1, none": {
			"4:memory:/\n",
			map[string]string{v1 + "/memory.limit_in_bytes": "9223372036854771712\n"},
			0, "",
		},
		"version 1, of a mount": {
			"4:memory:/docker/abc\n",
			map[string]string{v1 + "/memory.limit_in_bytes": "1000"},
			1000, v1 + "/memory.limit_in_bytes",
		},
		"another controller's": {
			"4:cpu:/app\n",
			map[string]string{v1 + "/app/memory.limit_in_bytes": "1000"},
			0,
			"",
		},
		"not a number":             {"0::/app\n", map[string]string{v2 + "/app/memory.max": "plenty"}, 0, ""},
		"not a line":               {"what\n", nil, 0, ""},
		"no control groups at all": {"", nil, 0, ""},
	} {
		root := t.TempDir()
		files := map[string]string{"/proc/self/cgroup": tt.groups}
		for file, text := range tt.files {
			files[file] = text
		}
		for file, text := range files {
			at := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if limit, from := cgroupLimit(root); limit != tt.limit || from != tt.from {
			t.Errorf("%s: %d from %q, want %d from %q", name, limit, from, tt.limit, tt.from)
		}
	}
	if limit, from := cgroupLimit(t.TempDir()); limit != 0 || from != "" {
		t.Errorf("nothing: %d from %q", limit, from)
	}
}
