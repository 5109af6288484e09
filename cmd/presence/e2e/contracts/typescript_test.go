package contracts

import (
	"strings"
	"testing"
)

// What openapi-typescript makes of the file has the types that a person expects, and the calls that
// openapi-fetch makes with them are those of a node.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	dir := workshop(t, "typescript")
	say(t, dir, fromNPM(t, "openapi-typescript"), "openapi.yaml", "--output=presence.ts")
	say(t, dir, fromNPM(t, "tsc"), "--project", ".")
	if said := say(t, dir, "node", "out/client.js", node(t)); !strings.Contains(said, "all calls") {
		t.Error(said)
	}
}
