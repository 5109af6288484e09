package main

import (
	"fmt"
	"strings"
)

// complain says why the process ends: in words, or as a line of the log where that is JSON, since
// the machine that reads it can't read words.
func complain(t terminal, s *settings, args []string, err error) {
	if !s.logsJSON(args) {
		fmt.Fprintf(t.err, "presence: %v\n", err)
		return
	}
	log, flush := newLogger(t.err, &nodeSettings{LogFormat: "json"})
	defer flush()
	log.Error("exiting", "error", err)
}

// logsJSON reports whether a node was asked to log JSON. It looks at what was given and not at what
// kong made of it: the settings may be what is wrong.
func (s *settings) logsJSON(args []string) bool {
	const name = "log-format"
	if len(args) == 0 || args[0] != "serve" {
		return false
	}
	for i, arg := range args {
		switch value, given := strings.CutPrefix(arg, "--"+name); {
		case given && value == "" && i+1 < len(args):
			return args[i+1] == "json"
		case given:
			return value == "=json"
		}
	}
	if text, ok := s.env("PRESENCE_LOG_FORMAT"); ok && text != "" {
		return text == "json"
	}
	text, _ := s.file.value(name)
	return text == "json"
}
