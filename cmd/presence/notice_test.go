package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// licences are those that may be linked in, each with words that no other one has. A licence that
// nobody has looked at fails the test.
var licences = []struct{ id, words string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "endorse or promote products derived from"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
}

// imported is a package that is linked in, as go list prints it.
type imported struct {
	ImportPath string
	Dir        string
	Module     *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// linked are the packages of the server as it is released, the standard library's included.
func linked(t *testing.T) (all []imported) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Dir,Module",
		module+"/cmd/presence")
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := jsontext.NewDecoder(bytes.NewReader(out)); d.PeekKind() == '{'; {
		var p imported
		if err := json.UnmarshalDecode(d, &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// notice is the file NOTICE: what is linked in, and each text of a licence once.
type notice struct {
	of    map[string][]string // by a module's name, the ids of its licences
	texts map[string][]string // by text, what it is of
}

// add takes the licences that lie in a directory of a module.
func (n *notice) add(t *testing.T, name, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		stem, _, _ := strings.Cut(strings.ToUpper(e.Name()), ".")
		if e.IsDir() || stem != "LICENSE" && stem != "LICENCE" && stem != "COPYING" && stem != "NOTICE" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
		n.texts[text] = appendOnce(n.texts[text], name)
		if stem != "NOTICE" {
			n.of[name] = appendOnce(n.of[name], licenceOf(t, name, e.Name(), text))
		}
	}
}

func appendOnce(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

func licenceOf(t *testing.T, name, file, text string) (ids string) {
	words := strings.Join(strings.Fields(text), " ")
	for _, l := range licences {
		if strings.Contains(words, l.words) && (l.id != "BSD-2-Clause" || !strings.Contains(ids, "BSD")) {
			ids += " and " + l.id
		}
	}
	if ids == "" {
		t.Errorf("%s: %s is a licence that is not among those that may be linked in", name, file)
	}
	return strings.TrimPrefix(ids, " and ")
}

// collect finds the licences of everything that is linked in: from the directory of each package up
// to that of its module. The standard library, with what it brings along, has its own.
func collect(t *testing.T) *notice {
	t.Helper()
	n := &notice{make(map[string][]string), make(map[string][]string)}
	n.add(t, "the Go standard library", strings.TrimSpace(goEnv(t, "GOROOT")))
	for _, p := range linked(t) {
		if p.Module == nil || p.Module.Main {
			continue
		}
		name := p.Module.Path + " " + p.Module.Version
		for dir := p.Dir; ; dir = filepath.Dir(dir) {
			if n.add(t, name, dir); dir == p.Module.Dir {
				break
			}
		}
		if len(n.of[name]) == 0 {
			t.Errorf("%s has no licence", name)
		}
	}
	return n
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const noticeHead = `Presence is under the Apache License 2.0, in the file LICENSE.

The server, cmd/presence, is linked with what follows, unchanged, each under a licence of its own. The source of each module, for those
under MPL-2.0 their Source Code Form, is at https://MODULE in the named version. The page that a node shows at / has no code but this project's, and so has the TypeScript client.

This file is made by: make notice

`

func (n *notice) String() string {
	var b strings.Builder
	b.WriteString(noticeHead)
	var names []string
	for name := range n.of {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "  %-72s %s\n", name, strings.Join(n.of[name], ", "))
	}
	var parts []string
	for text, of := range n.texts {
		parts = append(parts, fmt.Sprintf("\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(of, "\n"), text))
	}
	slices.Sort(parts)
	return b.String() + strings.Join(parts, "")
}

// TestNotice compares the file NOTICE with what is linked in; make notice writes it anew, and the
// diff is to be read.
func TestNotice(t *testing.T) {
	const path = "../../NOTICE"
	made := collect(t).String()
	if *update && !t.Failed() {
		write(t, path, []byte(made))
	}
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), made); diff != "" {
		t.Errorf("NOTICE is not of what is linked in; run: make notice\n(-have +want):\n%.2000s", diff)
	}
}

// TestClientBringsNothing: what the page and the client are bundled from is this project's, so
// NOTICE has nothing of it.
func TestClientBringsNothing(t *testing.T) {
	b, err := os.ReadFile("../../client/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal(b, &p); err != nil || len(p.Dependencies) > 0 {
		t.Errorf("%v, %v: their licences belong into NOTICE", p.Dependencies, err)
	}
}
