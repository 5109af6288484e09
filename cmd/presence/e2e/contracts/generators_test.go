package contracts

import (
	"strings"
	"testing"
)

// What generators of Go code make of the file compiles, and a client written with it talks to a
// node.
func TestGoClients(t *testing.T) {
	if !full() {
		t.Skip("the generators take minutes to build: make tools runs them")
	}
	for _, generator := range []string{"oapi-codegen", "ogen"} {
		t.Run(generator, func(t *testing.T) {
			dir := workshop(t, generator)
			say(t, dir, "go", "generate", "./...")
			if said := say(t, dir, "go", "run", ".", node(t)); !strings.Contains(said, "all calls") {
				t.Error(said)
			}
		})
	}
}
