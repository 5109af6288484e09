package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// scalar writes a YAML value as it would stand on the command line. YAML's own types are held to:
// what it reads as a number or a truth value is not a text, since 0x10 or no would silently become
// something else.
func scalar(flag *kong.Flag, value *yaml.Node) (string, error) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	switch {
	case value.Kind == yaml.SequenceNode && flag.IsSlice():
		return list(flag, value)
	case value.Kind != yaml.ScalarNode:
		return "", fmt.Errorf("a %s is not right; it must be %s", kindNames[value.Kind], expectation(flag))
	case value.Tag == "!!null":
		return "", fmt.Errorf("there is no value; it must be %s", expectation(flag))
	case isText(flag) && value.Tag != "!!str":
		return "", fmt.Errorf("to YAML, %s is of type %s; write %q for a text", value.Value,
			strings.TrimPrefix(value.Tag, "!!"), value.Value)
	default:
		return value.Value, nil
	}
}

var kindNames = map[yaml.Kind]string{yaml.SequenceNode: "list", yaml.MappingNode: "mapping"}

func isText(flag *kong.Flag) bool {
	t := flag.Target.Type()
	return t.Kind() == reflect.String || (t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String)
}

// list joins the items with commas, and keeps the commas that stand in them.
func list(flag *kong.Flag, value *yaml.Node) (string, error) {
	var items []string
	for _, item := range value.Content {
		if item.Kind == yaml.SequenceNode {
			return "", errors.New("a list in a list is not right; it must be a list of texts")
		}
		text, err := scalar(flag, item)
		if err != nil {
			return "", err
		}
		items = append(items, text)
	}
	return kong.JoinEscaped(items, flag.Tag.Sep), nil
}

// suggestion is the known name that was probably meant, as the end of a sentence.
func suggestion(name string, known map[string]*kong.Flag) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	best, closest := "", 1+len(name)/4
	for candidate, flag := range known {
		d := distance(name, candidate)
		if !flag.Hidden && (d < closest || d == closest && candidate < best) {
			best, closest = candidate, d
		}
	}
	if best == "" {
		return "; presence serve -h lists them all"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the letters to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
