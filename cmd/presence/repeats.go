package main

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// repeats is a slog.Handler that shows each cause once, and while it lasts once a minute with how
// often it came since: a node with a wrong certificate is refused ten times a second, and what else
// happens must be found between the lines.
//
//	10:00:00 level=WARN msg="link not made" peer=b error=…               the first passes as it is
//	10:01:00 level=WARN msg="link not made" repeated=600 peer=b error=…  those left out, and the last
//	10:02:00 level=WARN msg="link not made" repeated=40 peer=b error=…   the rest, once it is quiet
//
// Of new causes of one kind a few are shown, and then the last of the rest with their number:
//
//	10:00:10 level=WARN msg="peer refused" others=9995 from=… error=…   of 10,000 with a name each
//
// What a cause is, cause.go says; how many are kept, causes.go; what a kind is, kinds.go. Debug
// lines pass: at level debug an operator wants all.
type repeats struct {
	base   slog.Handler // writes, and has neither attributes nor groups
	with   []with       // what With and WithGroup added, in order
	next   slog.Handler // base with that
	prefix cause        // what that says of the cause
	causes *causes      // shared by all that come of one
}

// with is a call of WithAttrs or WithGroup.
type with func(slog.Handler) slog.Handler

func newRepeats(base slog.Handler) *repeats {
	return &repeats{base: base, next: base, causes: newCauses()}
}

// Enabled is slog.Handler's.
func (h *repeats) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle is slog.Handler's.
func (h *repeats) Handle(ctx context.Context, r slog.Record) error {
	key := h.prefix.of(r)
	if key == "" || h.causes.first(key, h, r) {
		return h.next.Handle(ctx, r)
	}
	return nil
}

// WithAttrs is slog.Handler's.
func (h *repeats) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.and(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) }, h.prefix.attrs(attrs))
}

// WithGroup is slog.Handler's.
func (h *repeats) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.and(func(next slog.Handler) slog.Handler { return next.WithGroup(name) }, h.prefix.group(name))
}

func (h *repeats) and(w with, prefix cause) *repeats {
	return &repeats{
		base: h.base, with: append(slices.Clip(h.with), w), next: w(h.next), prefix: prefix,
		causes: h.causes,
	}
}

// tell writes the last of n lines that were left out, and how many. The count comes before groups,
// so that it is found at one place.
func (h *repeats) tell(last slog.Record, says string, n int64) {
	next := h.base.WithAttrs([]slog.Attr{slog.Int64(says, n)})
	for _, w := range h.with {
		next = w(next)
	}
	if !last.Time.IsZero() {
		last.Time = time.Now()
	}
	_ = next.Handle(context.Background(), last)
}
