package contracts

import (
	"strings"
	"testing"
)

// What modelina makes of the file compiles, and reads and writes messages as they are on the wire.
func TestModels(t *testing.T) {
	t.Parallel()
	dir := workshop(t, "models")
	tsc := fromNPM(t, "tsc")
	say(t, dir, "node", "generate.mjs", "asyncapi.yaml")
	say(t, dir, tsc, "--project", ".")
	if said := say(t, dir, "go", "run", "."); !strings.Contains(said, "as the contract says") {
		t.Error(said)
	}
}
