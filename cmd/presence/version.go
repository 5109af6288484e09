package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintln(t.out, version())
	return err
}

// version is what the Go tool stamped into the binary: the module's version, the commit, the compiler.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "presence (built without module information)"
	}
	stamps := map[string]string{}
	for _, s := range info.Settings {
		stamps[s.Key] = s.Value
	}
	text := "presence " + info.Main.Version
	if commit := stamps["vcs.revision"]; commit != "" {
		text += " commit " + commit[:min(12, len(commit))]
	}
	if stamps["vcs.modified"] == "true" {
		text += " (modified)"
	}
	return text + " " + info.GoVersion
}
