package docs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// These tests keep what once stopped other people's tools, where it costs nothing. The tools
// themselves are run in cmd/presence/e2e/contracts.

// visit calls see with each value of a YAML file, and the keys that lead to it.
func visit(n *yaml.Node, path []string, see func(path []string, n *yaml.Node)) {
	see(path, n)
	for i, child := range n.Content {
		switch {
		case n.Kind != yaml.MappingNode:
			visit(child, path, see)
		case i%2 == 1:
			visit(child, append(slices.Clip(path), n.Content[i-1].Value), see)
		}
	}
}

func eachValue(t *testing.T, see func(file string, path []string, n *yaml.Node)) {
	t.Helper()
	for _, file := range []string{"openapi.yaml", "asyncapi.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if err := yaml.Unmarshal(data, &root); err != nil {
			t.Fatal(err)
		}
		visit(&root, nil, func(path []string, n *yaml.Node) { see(file, path, n) })
	}
}

// foreign finds what some languages' regular expressions lack: classes of Unicode, code points with
// braces or four digits, groups with a question mark.
var foreign = regexp.MustCompile(`\\[pPuU]|\\x\{|\(\?`)

func TestPatternsAreForEveryLanguage(t *testing.T) {
	patterns := 0
	eachValue(t, func(file string, path []string, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || len(path) == 0 || path[len(path)-1] != "pattern" {
			return
		}
		patterns++
		if _, err := regexp.Compile(n.Value); err != nil || foreign.MatchString(n.Value) {
			t.Errorf("%s:%d: pattern %s is not for every language: %v", file, n.Line, n.Value, err)
		}
	})
	if patterns < 4 {
		t.Errorf("only %d patterns were found", patterns)
	}
}

// A parser of YAML 1.1, such as dredd's, stops at the second colon of {const: about:blank}.
func TestColonsInBracesAreQuoted(t *testing.T) {
	eachValue(t, func(file string, path []string, n *yaml.Node) {
		if n.Style&yaml.FlowStyle == 0 {
			return
		}
		for _, value := range n.Content {
			if value.Kind == yaml.ScalarNode && value.Style == 0 && strings.Contains(value.Value, ":") {
				t.Errorf("%s:%d: %q within braces needs quotes", file, value.Line, value.Value)
			}
		}
	})
}

// A union becomes an opaque type in most languages. One object with optional members says the same.
func TestNoUnions(t *testing.T) {
	eachValue(t, func(file string, path []string, n *yaml.Node) {
		last := len(path) - 1
		if n.Kind == yaml.SequenceNode && last >= 0 && slices.Contains([]string{"oneOf", "anyOf"}, path[last]) {
			t.Errorf("%s:%d: %s is a union", file, n.Line, strings.Join(path, "/"))
		}
	})
}

// Generators know JSON. Another media type is bytes to them if it has no schema, and stops them if
// it has one.
func TestOnlyJSONHasSchemas(t *testing.T) {
	eachValue(t, func(file string, path []string, n *yaml.Node) {
		last := len(path) - 1
		if last < 2 || path[last] != "schema" || path[last-2] != "content" {
			return
		}
		if !strings.HasSuffix(path[last-1], "json") {
			t.Errorf("%s:%d: %s has a schema", file, n.Line, path[last-1])
		}
	})
}

// Generators make a type of each schema, and of each response and parameter that has a name.
func TestNamesOfTheAPIAreTypesOnce(t *testing.T) {
	kinds := map[string]string{}
	eachValue(t, func(file string, path []string, n *yaml.Node) {
		if file != "openapi.yaml" || len(path) != 3 || path[0] != "components" || n.Kind != yaml.MappingNode ||
			!slices.Contains([]string{"schemas", "responses", "parameters"}, path[1]) {
			return
		}
		if other := kinds[path[2]]; other != "" {
			t.Errorf("%s:%d: %s is in %s and in %s", file, n.Line, path[2], other, path[1])
		}
		kinds[path[2]] = path[1]
	})
	if len(kinds) < 40 {
		t.Errorf("only %d names were found", len(kinds))
	}
}

// Generators make a type of each channel, message and schema: two of one name are one type twice.
func TestNamesOfTheSocketAreTypesOnce(t *testing.T) {
	a := socketContract(t)
	for channel := range a.Channels {
		if _, is := a.Components.Messages[channel]; is {
			t.Errorf("channel and message are both named %s", channel)
		}
		for schema := range a.Components.Schemas {
			if strings.EqualFold(channel, schema) {
				t.Errorf("channel %s and schema %s make one type", channel, schema)
			}
		}
	}
}
