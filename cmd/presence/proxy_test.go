package main

import (
	"strings"
	"testing"
)

// What can't be is refused at the start, with what would be right.
func TestProxySettings(t *testing.T) {
	for arg, says := range map[string]string{
		"--drain-delay=-1s":        "--drain-delay is -1s; it must be 0s to 10m0s",
		"--drain-delay=11m":        "it must be 0s to 10m0s",
		"--drain-delay=5":          "a duration with its unit",
		"--path-prefix=presence":   "it must be like /presence",
		"--path-prefix=/presence/": "it must be like /presence",
		"--allowed-origins=file:":  "file://, null or *",
		"--allowed-origins=Null":   "file://, null or *",
	} {
		term, _, errs := quiet()
		status := run(t.Context(), []string{"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", arg}, term)
		if status == exitOK || !strings.Contains(errs.String(), says) {
			t.Errorf("%s: status %d, %s", arg, status, errs)
		}
	}
}
