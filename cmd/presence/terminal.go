package main

import (
	"fmt"
	"io"
	"os"
)

// terminal is what a command may touch of the process around it.
type terminal struct {
	out, err io.Writer
	env      func(name string) (string, bool)
}

// interactive reports whether a person is looking at w. Whatever is not a terminal gets plain
// lines.
func interactive(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colourful honours NO_COLOR (no-color.org) and terminals that know no colours.
func (t terminal) colourful() bool {
	noColour, _ := t.env("NO_COLOR")
	kind, _ := t.env("TERM")
	return interactive(t.out) && noColour == "" && kind != "dumb"
}

// looks are the shape of each state, which is that of the page and of the element, and its usual
// colour as an ANSI code. No two states differ by colour alone.
var looks = map[string]struct {
	sign   string
	colour int
}{
	"online": {"●", 32}, "idle": {"◐", 33}, "busy": {"⊖", 31},
	"appear_offline": {"◌", 35}, "offline": {"○", 90}, "unknown": {"?", 36},
}

// dot is a state as people see it at a glance: a coloured sign, then the word, padded to a column.
func dot(state string, colourful bool) string {
	word := fmt.Sprintf("%-*s", stateWidth, state)
	if !colourful {
		return word
	}
	look, ok := looks[state]
	if !ok {
		look = looks["unknown"]
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m %s", look.colour, look.sign, word)
}

const stateWidth = len("appear_offline")
