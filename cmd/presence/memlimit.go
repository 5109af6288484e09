package main

import (
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/scaiwave/presence/gateway"
)

// memoryLimit is how much memory this process may take, and who says so.
type memoryLimit struct {
	bytes int64 // 0: nobody says
	from  string
	cap   int64 // for the runtime to keep to; 0: it knows
}

// findMemoryLimit takes GOMEMLIMIT, which the runtime has read, before the control groups' limit.
// Of the latter the runtime may have nine tenths: stacks of threads, the kernel's buffers for
// sockets and pages of files count there too.
func findMemoryLimit(root string) memoryLimit {
	if n := debug.SetMemoryLimit(-1); n != math.MaxInt64 {
		return memoryLimit{bytes: n, from: "GOMEMLIMIT"}
	}
	n, file := cgroupLimit(root)
	return memoryLimit{bytes: n, from: file, cap: n / 10 * 9}
}

// apply makes the collector work harder as the limit comes near. Without one it goes on as GOGC
// says.
func (m memoryLimit) apply(log *slog.Logger, requests size) {
	if m.cap > 0 {
		debug.SetMemoryLimit(m.cap)
	}
	if m.bytes == 0 {
		log.Info("memory has no limit", "requests", requests.String())
		return
	}
	log.Info("memory has a limit", "limit", size(m.bytes).String(), "source", m.from, "requests", requests.String())
}

// The memory for requests is an eighth of what there is. More than the most is of no use to a node
// whose requests take milliseconds; with less than two of the largest queries take one participant
// could have all.
const (
	requestsPart = 8
	mostRequests = 64 << 20
)

func requestMemoryFor(limit int64) size {
	defaults := gateway.DefaultLimits()
	if limit == 0 {
		return mostRequests
	}
	return size(min(max(limit/requestsPart, defaults.LeastRequestMemory()), mostRequests))
}
