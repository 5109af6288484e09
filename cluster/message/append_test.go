package message

import (
	"strings"
	"testing"
)

func TestBounded(t *testing.T) {
	long := strings.Repeat("ä", maxWords)
	for in, want := range map[string]string{
		"": "", "short": "short", long[:254]: long[:254], long: long[:252] + "…", "a" + long: "a" + long[:250] + "…",
	} {
		if got := Bounded(in); got != want || len(got) > maxWords {
			t.Errorf("%d bytes became %d: %q", len(in), len(got), got)
		}
	}
}
