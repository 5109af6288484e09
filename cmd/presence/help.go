package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// describe is the help of one flag or argument: what it does, then its default and its variable.
// Flags whose default is nothing, or depends on others, say so in their own words.
func describe(v *kong.Value) string {
	if v.Flag == nil || v.Name == "help" {
		return v.Help
	}
	var notes []string
	if v.HasDefault && v.Default != "" {
		notes = append(notes, "default "+v.Default)
	}
	notes = append(notes, "$"+envName(v))
	return v.Help + " (" + strings.Join(notes, "; ") + ")"
}
