package target

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Usage is what a process has used so far.
type Usage struct {
	CPU  time.Duration // user and system, of all threads, also those that have ended
	RSS  int64         // resident bytes now
	Peak int64         // the most that ever were resident
}

// tickLength is the unit of times in /proc: a hundredth of a second on every architecture.
const tickLength = 10 * time.Millisecond

// UsageOf asks the kernel what a process has used.
func UsageOf(pid int) (u Usage, err error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return u, fmt.Errorf("target: process %d: %w", pid, err)
	}
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		return u, fmt.Errorf("target: process %d: %w", pid, err)
	}
	if u.CPU, err = cpuTime(stat); err != nil {
		return u, fmt.Errorf("target: process %d: %w", pid, err)
	}
	u.RSS, u.Peak = kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:")
	return u, nil
}

// cpuTime adds utime and stime, the 14th and 15th field of stat. The second field is the program's
// name in parentheses, which may hold anything.
func cpuTime(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("stat has %d fields", len(fields)+2)
	}
	var sum time.Duration
	for _, i := range []int{utime, stime} {
		n, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * tickLength
	}
	return sum, nil
}

// kilobytes returns the value of a line such as "VmRSS:    1234 kB", in bytes. It is 0 for a
// process that has ended and waits for its parent.
func kilobytes(status []byte, name string) int64 {
	_, rest, _ := strings.Cut(string(status), name)
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
	return n << 10
}
