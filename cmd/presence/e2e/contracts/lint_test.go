package contracts

import (
	"strings"
	"testing"
)

// Other people's linters and parsers have nothing to say of the files, not even a hint.
func TestLintersAreSilent(t *testing.T) {
	http, socket := absolute(t, openAPI), absolute(t, asyncAPI)
	tests := []struct {
		name string
		args []string
		says string
	}{
		{"spectral", []string{"--ruleset=spectral.yaml", "--fail-severity=hint", http, socket}, "No results"},
		{"redocly", []string{"--config=redocly.yaml", http}, "Your API description is valid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			said := say(t, "testdata", fromNPM(t, tt.name), append([]string{"lint"}, tt.args...)...)
			if !strings.Contains(said, tt.says) {
				t.Error(said)
			}
		})
	}
}

func TestAsyncAPIParser(t *testing.T) {
	t.Parallel()
	fromNPM(t, "tsc")
	if said := say(t, "testdata", "node", "parse.mjs", absolute(t, asyncAPI)); !strings.Contains(said, "16 messages") {
		t.Error(said)
	}
}
