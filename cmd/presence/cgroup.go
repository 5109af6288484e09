package main

import (
	"bufio"
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroupLimit is the least memory limit, in bytes, of the control groups that this process is in,
// and the file that says so; 0: there is none. root is the root of the file system.
//
// A limit of any group above counts too, so all of them are read, and the mount's own: in a
// container /proc names the path as the host has it, and the container sees its group as the root.
//
// It is ours because it is 40 lines: the module that does it (automemlimit) sets the limit by
// itself, and has settings of its own in the environment, beside the node's.
func cgroupLimit(root string) (limit int64, file string) {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return 0, ""
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		mount, name, group := cgroupOf(lines.Text())
		for ; mount != ""; group = path.Dir(group) {
			at := path.Join("/", mount, group, name)
			if n := readLimit(filepath.Join(root, at)); n > 0 && (limit == 0 || n < limit) {
				limit, file = n, at
			}
			if group == "/" || group == "." {
				break
			}
		}
	}
	return limit, file
}

// cgroupOf reads a line of /proc/self/cgroup, such as "4:memory:/a/b" (version 1) or "0::/a/b"
// (version 2). mount is empty if it is about something else than memory.
func cgroupOf(line string) (mount, name, group string) {
	parts := strings.SplitN(line, ":", 3)
	if len(parts) != 3 {
		return "", "", ""
	}
	for _, controller := range strings.Split(parts[1], ",") {
		if controller == "memory" {
			return "sys/fs/cgroup/memory", "memory.limit_in_bytes", path.Join("/", parts[2])
		}
	}
	if parts[0] == "0" && parts[1] == "" {
		return "sys/fs/cgroup", "memory.max", path.Join("/", parts[2])
	}
	return "", "", ""
}

// noLimit is what version 1 says where there is none: the largest number of whole pages, and no
// machine has a quarter of it.
const noLimit = 1 << 61

// readLimit is 0 where there is no such file, or no limit ("max").
func readLimit(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n >= noLimit {
		return 0
	}
	return n
}
