package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// file is a YAML file of settings: a mapping from flag names to values, all known and all of the
// right type.
type file struct {
	path   string
	values map[string]string // as they would stand on the command line
	lines  map[string]int
}

func (f *file) value(name string) (string, bool) {
	if f == nil {
		return "", false
	}
	text, ok := f.values[name]
	return text, ok
}

// readFile reads the file and checks it against the flags. It reports everything that is wrong, not
// just the first.
func readFile(path string, flags []*kong.Flag) (*file, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	f := &file{path: path, values: map[string]string{}, lines: map[string]int{}}
	root, err := f.document(content)
	if err != nil || root == nil {
		return f, err
	}
	known := map[string]*kong.Flag{}
	for _, flag := range flags {
		if flag.Name != "config" && flag.Name != "help" {
			known[flag.Name] = flag
		}
	}
	var wrong []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		wrong = append(wrong, f.take(root.Content[i], root.Content[i+1], known))
	}
	return f, errors.Join(wrong...)
}

// document gives the mapping that a file of settings is, or nil for one that is empty.
func (f *file) document(content []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", f.path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if !errors.Is(decoder.Decode(&second), io.EOF) {
		return nil, f.complain(&first, "there is a second document after this one; put all settings into one")
	}
	root := first.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, f.complain(root, "settings are written as lines of name: value, such as listen: 127.0.0.1:8080")
	}
	return root, nil
}

func (f *file) complain(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.path, at.Line, fmt.Errorf(format, args...))
}

// take checks one setting and keeps it.
func (f *file) take(key, value *yaml.Node, known map[string]*kong.Flag) error {
	name := key.Value
	flag, ok := known[name]
	if !ok {
		return f.complain(key, "unknown setting %q%s", name, suggestion(name, known))
	}
	if line, twice := f.lines[name]; twice {
		return f.complain(key, "%s is set twice, first on line %d; remove one", name, line)
	}
	text, err := scalar(flag, value)
	if err == nil {
		err = check(flag, text)
	}
	if err != nil {
		return f.complain(value, "%s: %w", name, err)
	}
	f.values[name], f.lines[name] = text, key.Line
	return nil
}
