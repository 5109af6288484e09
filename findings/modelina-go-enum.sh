#!/usr/bin/env bash
# @asyncapi/modelina 5.10.1: Go types read an enumeration's unknown value as its first one, without an error.
#
# The generated UnmarshalJSON looks the text up in a map of numbers, and what the map lacks is 0, which is the first
# value of the list. A receiver that is older than the sender so takes a new state, or a new error code, for whichever
# the contract happens to name first. encoding/json would have kept the text, or failed.
#
# Seen on 2026-11-27 with Node 20.20.2 and Go 1.26.8, linux/amd64:
#
#	read {"state":"idle"}: error <nil>, written again {"state":"idle"}
#	read {"state":"dozing"}: error <nil>, written again {"state":"online"}
#
# What follows for us: docs/api.md says so beside modelina, as new error codes may come. The order of the
# enumerations is part of what such clients see.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >package.json <<'JSON'
{ "private": true, "type": "module", "dependencies": { "@asyncapi/modelina": "5.10.1" } }
JSON
timeout 900 npm install --ignore-scripts --no-audit --no-fund >/dev/null 2>&1
cat >generate.mjs <<'JS'
import { GO_COMMON_PRESET, GoFileGenerator } from "@asyncapi/modelina";

const schema = {
  $schema: "http://json-schema.org/draft-07/schema#", $id: "Person", type: "object", required: ["state"],
  additionalProperties: false,
  properties: { state: { $id: "State", type: "string", enum: ["online", "idle"] } },
};
await new GoFileGenerator({ presets: [{ preset: GO_COMMON_PRESET, options: { addJsonTag: true } }] })
  .generateToFiles(schema, "made", { packageName: "made" });
JS
timeout 300 node generate.mjs
printf 'module finding\n\ngo 1.26\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"finding/made"
)

func main() {
	for _, text := range []string{`{"state":"idle"}`, `{"state":"dozing"}`} {
		var p made.Person
		err := json.Unmarshal([]byte(text), &p)
		again, _ := json.Marshal(p)
		fmt.Printf("read %s: error %v, written again %s\n", text, err, again)
	}
}
GO
got=$(timeout 300 go run .)
echo "$got"
want='read {"state":"idle"}: error <nil>, written again {"state":"idle"}
read {"state":"dozing"}: error <nil>, written again {"state":"online"}'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
