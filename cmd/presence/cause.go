package main

import (
	"log/slog"
	"regexp"
	"strings"
)

// cause collects what tells one cause from another: level, message, and attributes. Of these, what
// differs each time does not count: numbers, times and durations, and ports of addresses, also
// within texts. So one of another partition is left out with the rest, and one of another node,
// file or error is not.
//
// A line below a warning that names no cause by one of the keys in naming is news, and has none:
// members that go, come back and go again within a minute are three lines.
type cause struct {
	text  string
	path  string // groups that are open
	names bool   // one of the attributes is a cause
}

// naming are the keys of what went wrong, or of who says so.
var naming = map[string]bool{"error": true, "reason": true, "from": true, "library": true}

// single are keys of what is another each time: a stack has the number of its goroutine.
var single = map[string]bool{"stack": true, "trace": true}

// of is the cause of a record, or empty if it has none.
func (c cause) of(r slog.Record) string {
	if r.Level < slog.LevelInfo || r.Level > slog.LevelError {
		return ""
	}
	r.Attrs(func(a slog.Attr) bool {
		c = c.attr(a)
		return true
	})
	if r.Level < slog.LevelWarn && !c.names {
		return ""
	}
	return r.Level.String() + " " + steady(r.Message) + c.text
}

func (c cause) group(name string) cause {
	c.path += name + "."
	return c
}

func (c cause) attrs(all []slog.Attr) cause {
	for _, a := range all {
		c = c.attr(a)
	}
	return c
}

func (c cause) attr(a slog.Attr) cause {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindTime, slog.KindDuration:
		return c
	case slog.KindGroup:
		inside := c
		if a.Key != "" {
			inside = c.group(a.Key)
		}
		inside = inside.attrs(v.Group())
		inside.path = c.path
		return inside
	}
	if single[a.Key] || v.Kind() == slog.KindAny && v.Any() == nil {
		return c
	}
	c.text += "\x00" + c.path + a.Key + "=" + steady(v.String())
	c.names = c.names || naming[a.Key]
	return c
}

// unsteady is what differs each time in texts: ports, times and durations.
var unsteady = regexp.MustCompile(strings.Join([]string{
	`(\]|\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):\d{1,5}\b`,
	`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?`,
	`\b(?:\d+(?:\.\d+)?(?:h|ms|µs|us|ns|m|s))+\b`,
}, "|"))

func steady(text string) string { return unsteady.ReplaceAllString(text, "$1#") }
