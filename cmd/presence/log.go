package main

import (
	"io"
	"log/slog"
)

// newLogger writes what settings allow, as people or machines like it. flush tells what was left
// out of the log so far; call it before the process ends.
func newLogger(w io.Writer, n *nodeSettings) (log *slog.Logger, flush func()) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(n.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if n.LogFormat == "json" {
		h = slog.NewJSONHandler(w, o)
	}
	r := newRepeats(h)
	return slog.New(r), r.causes.close
}
