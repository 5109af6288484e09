package main

import (
	"log/slog"
	"strings"
	"time"
)

// Bounds of lines of one kind. Who attacks a node makes many causes: an address each, a name, an
// error. So of one kind a few new causes are told, and then the number of the rest: after 10 s, and
// while there is a rest again and again, each time after twice as long, up to a minute.
const (
	kindInterval = 10 * time.Second
	maxOfKind    = 3   // new causes of a kind that are told, in a line each
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

// ofKind is what came of a kind lately.
type ofKind struct {
	timer *time.Timer
	after time.Duration // for which it was set
	told  int           // new causes
	since               // those that were not told
}

// take finds the place of a new cause's kind. It reports whether the cause is to be told; else it
// is counted. c.mu is held.
func (c *causes) take(kind string, by *repeats, r slog.Record) (told bool) {
	if c.kinds[kind] == nil && len(c.kinds) >= maxKinds {
		kind = otherKinds
	}
	k := c.kinds[kind]
	if k == nil {
		k = &ofKind{after: kindInterval}
		k.timer = time.AfterFunc(k.after, func() { c.endKind(kind, k) })
		c.kinds[kind] = k
	}
	if k.told < maxOfKind {
		k.told++
		return true
	}
	k.since = since{k.n + 1, r.Clone(), by, others}
	return false
}

// endKind is the end of a kind's interval: it is told what was left out, and forgotten if nothing
// was.
func (c *causes) endKind(kind string, k *ofKind) {
	c.mu.Lock()
	if c.kinds[kind] != k {
		c.mu.Unlock()
		return // closed while the timer fired
	}
	left := k.since
	if left.n == 0 {
		delete(c.kinds, kind)
	} else {
		k.since, k.after = since{}, min(2*k.after, repeatInterval)
		k.timer.Reset(k.after)
	}
	c.mu.Unlock()
	left.tell()
}
