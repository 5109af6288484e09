package main

import (
	"log/slog"
	"strings"
	"time"
)

// Bounds of lines of one kind. Who attacks a node makes many causes: an address each, a name, an
// error. So of one kind a few new causes are told, and the rest is counted.
const (
	kindInterval = 10 * time.Second
	maxOfKind    = 5   // new causes of a kind that are told in an interval, in a line each
	maxKinds     = 100 // with lines in an interval; the rest is one kind
	otherKinds   = "other kinds"
)

// maxKindWords is how many words of a message make a kind.
const maxKindWords = 8

// kindOf is the kind of a line: its level, and the words with which its message begins. Messages of
// ours are words alone. Those of libraries go on, mostly after a colon, with what others have sent.
func kindOf(r slog.Record) string {
	kind, words := r.Level.String(), 0
	for word := range strings.FieldsSeq(r.Message) {
		plain := strings.TrimRight(word, ":,;")
		if words++; words > maxKindWords || !isWord(plain) {
			break
		}
		if kind += " " + plain; plain != word && words > 1 { // the first may be who says it, as in "http: …"
			break
		}
	}
	return kind
}

// isWord reports whether s is letters alone, or has marks between them.
func isWord(s string) bool {
	for i, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '\'' && r != '-' && r != '/') {
			return false
		}
	}
	return s != ""
}

// ofKind is what came of a kind within an interval.
type ofKind struct {
	timer *time.Timer
	told  int // new causes
	since     // those that were not told
}

// take finds the place of a new cause's kind. It reports whether the cause is to be told; else it
// is counted. c.mu is held.
func (c *causes) take(kind string, by *repeats, r slog.Record) (told bool) {
	if c.kinds[kind] == nil && len(c.kinds) >= maxKinds {
		kind = otherKinds
	}
	k := c.kinds[kind]
	if k == nil {
		k = &ofKind{timer: time.AfterFunc(kindInterval, func() { c.endKind(kind) })}
		c.kinds[kind] = k
	}
	if k.told < maxOfKind {
		k.told++
		return true
	}
	k.since = since{k.n + 1, r.Clone(), by, others}
	return false
}

// endKind is the end of a kind's interval.
func (c *causes) endKind(kind string) {
	c.mu.Lock()
	var left since
	if k := c.kinds[kind]; k != nil {
		delete(c.kinds, kind)
		left = k.since
	}
	c.mu.Unlock()
	left.tell()
}
