package main

import (
	"io"
	"log/slog"
)

// newLogger writes what settings allow, as people or machines like it.
func newLogger(w io.Writer, n *nodeSettings) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(n.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if n.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
