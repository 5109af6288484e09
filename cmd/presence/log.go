package main

import (
	"encoding"
	"fmt"
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
	var h slog.Handler = slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})
	if n.LogFormat == "json" {
		h = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: readable})
	}
	r := newRepeats(h)
	return slog.New(r), r.causes.close
}

// marshaler is what says itself how it is written in JSON.
type marshaler interface{ MarshalJSON() ([]byte, error) }

// readable writes a value in JSON as the text format does: a duration with its unit, an address as
// it is dialed. By itself slog writes nanoseconds there, and the fields of a struct.
func readable(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case marshaler, encoding.TextMarshaler, error:
	case fmt.Stringer:
		a.Value = slog.StringValue(v.String())
	}
	return a
}
