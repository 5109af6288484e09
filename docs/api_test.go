package docs_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/gateway/wire"
)

// docs/api.md has a row for each code with its status, and for each close code with what a client
// has to do.
func TestAPIPageIsComplete(t *testing.T) {
	text, err := os.ReadFile("api.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	got := map[wire.Code]int{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([0-9]{3}) \\|").FindAllStringSubmatch(page, -1) {
		got[wire.Code(m[1])], _ = strconv.Atoi(m[2])
	}
	if diff := cmp.Diff(wire.Codes, got); diff != "" {
		t.Errorf("error codes (-gateway/wire +api.md):\n%s", diff)
	}
	for _, c := range socketContract(t).Channels["connection"].CloseCodes {
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \|.*\| ([^|]+) \|$`, c.Code)).FindStringSubmatch(page)
		if row == nil || strings.HasPrefix(row[1], "no") == c.Reconnect && c.Code != 4002 {
			t.Errorf("close code %d: reconnect is %v, but the row says %q", c.Code, c.Reconnect, row)
		}
	}
	for _, message := range slices.Concat(fromClient, fromServer) {
		if !regexp.MustCompile("(?m)^\\| `" + message + "` \\|").MatchString(page) {
			t.Errorf("no row for the message %s", message)
		}
	}
	for path := range contract(t).Paths.Map() {
		for _, piece := range regexp.MustCompile(`\{[a-z]+\}/?`).Split(path, -1) {
			if !strings.Contains(page, piece) {
				t.Errorf("nothing about %s: %q is missing", path, piece)
			}
		}
	}
}
