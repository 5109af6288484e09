package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"testing/synctest"
)

// TestSiblings: loggers made of one parent don't write each other's attributes.
func TestSiblings(t *testing.T) {
	logged(t, func(t *testing.T, log *slog.Logger, p *page, flush func()) {
		parent := log.With("a", "1").With("b", "2").With("c", "3")
		one, two := parent.With("x", "one"), parent.With("x", "two")
		for range 2 {
			one.Warn("m")
			two.Warn("m")
		}
		p.lines()
		flush()
		p.want(t, "level=WARN msg=m repeated=1 a=1 b=2 c=3 x=one", "level=WARN msg=m repeated=1 a=1 b=2 c=3 x=two")
	})
}

// TestCountWithAttributesAndGroups: the count is at the top in both formats, however deep the
// logger is.
func TestCountWithAttributesAndGroups(t *testing.T) {
	for format, want := range map[string]string{
		"text": `level=WARN msg=m repeated=1 node=a g.peer=b g.h.error=no`,
		"json": `"level":"WARN","msg":"m","repeated":1,"node":"a","g":{"peer":"b","h":{"error":"no"}}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &page{}
			log, flush := newLogger(p, &nodeSettings{LogFormat: format, LogLevel: "info"})
			deep := log.With("node", "a").WithGroup("g").With("peer", "b").WithGroup("h")
			deep.Warn("m", "error", errNo)
			deep.Warn("m", "error", errNo)
			// another cause
			log.With("node", "a").WithGroup("g").With("peer", "c").WithGroup("h").Warn("m", "error", errNo)
			flush()
			text := p.text.String()
			if strings.Count(text, "\n") != 3 || !strings.HasSuffix(strings.TrimSpace(text), want) {
				t.Errorf("%s:\n%swant at the end\n%s", format, text, want)
			}
		})
	}
}

// TestRepeatsIsAHandler: it keeps to the rules of log/slog.
func TestRepeatsIsAHandler(t *testing.T) {
	var b bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		b.Reset()
		h := newRepeats(slog.NewJSONHandler(&b, nil))
		t.Cleanup(h.causes.close)
		return h
	}, func(t *testing.T) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(b.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	})
}
