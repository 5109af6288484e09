package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// settings answers kong for flags that aren't on the command line: from the environment, then from
// the file. It is one resolver because kong lets a resolver beat kong's own reading of the
// environment, and the file must not.
type settings struct {
	env  func(name string) (string, bool)
	file *file // nil without --config
}

// useSettings is kong's BeforeResolve hook: the file must be known before any flag is resolved.
func useSettings(s *settings, c *kong.Context) error {
	command := c.Selected()
	if command == nil {
		return nil
	}
	if path := s.configPath(c); path != "" {
		var err error
		if s.file, err = readFile(path, command.Flags); err != nil {
			return err
		}
	}
	c.AddResolver(s)
	return nil
}

// configPath is --config from the command line or the environment; only serve has it.
func (s *settings) configPath(c *kong.Context) string {
	for _, flag := range c.Selected().Flags {
		if flag.Name != "config" {
			continue
		}
		if path, ok := c.FlagValue(flag).(string); ok && path != "" {
			return path
		}
		path, _ := s.env(envName(flag.Value))
		return path
	}
	return ""
}

// Validate is part of kong.Resolver; readFile has already checked the file.
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve gives nil for a flag that is set nowhere. An empty variable counts as not set, because
// that is what an unset one becomes on its way through a compose file or a unit.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "help" {
		return nil, nil
	}
	if text, ok := s.env(envName(flag.Value)); ok && text != "" {
		if err := check(flag, text); err != nil {
			return nil, fmt.Errorf("%s: %w", envName(flag.Value), err)
		}
		return text, nil
	}
	if text, ok := s.file.value(flag.Name); ok {
		return text, nil
	}
	return nil, nil
}

func envName(v *kong.Value) string {
	return "PRESENCE_" + strings.ToUpper(strings.ReplaceAll(v.Name, "-", "_"))
}

// check says what is wrong with a flag's value and what would be right, or nil. It decodes with
// kong's own mapper, so that a value is right in a file exactly when it is right on the command
// line.
func check(flag *kong.Flag, text string) error {
	target := reflect.New(flag.Target.Type()).Elem()
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
	}
	scan := kong.Scan().PushTyped(text, kong.FlagValueToken)
	err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, target)
	if err == nil && (flag.Tag.Enum == "" || flag.EnumMap()[text]) {
		return nil
	}
	if wrong := (*wrongValue)(nil); errors.As(err, &wrong) {
		return wrong
	}
	return &wrongValue{text, expectation(flag)}
}

// wrongValue is a value that a flag can't take.
type wrongValue struct{ got, want string }

func (w *wrongValue) Error() string {
	return fmt.Sprintf("%q is not right; it must be %s", w.got, w.want)
}

// expectation puts into words what a flag takes.
func expectation(flag *kong.Flag) string {
	if flag.Tag.Enum != "" {
		return "one of " + strings.Join(flag.EnumSlice(), ", ")
	}
	t := flag.Target.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list of texts"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Float64:
		return "a number"
	default:
		return "a text"
	}
}
