package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintln(t.out, thisBuild())
	return err
}

// Where there is no git to ask, as in a container's build, these are given:
// go build -ldflags='-X main.givenVersion=v1.2.3 -X main.givenRevision=0123456789ab'.
var givenVersion, givenRevision string

// build is what a program was made from.
type build struct {
	version  string // of the module, such as v1.2.3
	revision string // commit, 12 digits of it; empty: not known
	modified bool   // from more than the commit
	compiler string
}

// thisBuild is what was given, or else what the Go tool has stamped into the program.
func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info, givenVersion, givenRevision)
}

func buildOf(info *debug.BuildInfo, version, revision string) build {
	b := build{version: info.Main.Version, compiler: runtime.Version()}
	if b.version == "" || b.version == "(devel)" {
		b.version = "devel"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	if version != "" {
		b.version = version
	}
	if revision != "" {
		b.revision, b.modified = revision, false
	}
	b.revision = b.revision[:min(12, len(b.revision))]
	return b
}

func (b build) String() string {
	text := "presence " + b.version
	if b.revision != "" {
		text += " commit " + b.revision
	}
	if b.modified {
		text += " (modified)"
	}
	return text + " " + b.compiler + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// metric is always 1; what it tells is in its labels.
func (b build) metric() prometheus.Collector {
	revision := b.revision
	if b.modified {
		revision += "-dirty"
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "presence_build_info", Help: "Always 1: what runs here, by version, commit and Go version.",
		ConstLabels: prometheus.Labels{"version": b.version, "revision": revision, "goversion": b.compiler},
	}, func() float64 { return 1 })
}
