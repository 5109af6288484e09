package main

import (
	"maps"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestVersion(t *testing.T) {
	if status, out, _ := client(t, "", "", "version"); status != exitOK ||
		!regexp.MustCompile(`^presence .*go1\.`).MatchString(out) {
		t.Errorf("status %d: %s", status, out)
	}
}

// TestBuild: what is given beats what was stamped, and each may be missing.
func TestBuild(t *testing.T) {
	stamped := &debug.BuildInfo{Main: debug.Module{Version: "v1.0.0+dirty"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"},
	}}
	compiler := runtime.Version()
	platform := " " + runtime.GOOS + "/" + runtime.GOARCH
	for _, tc := range []struct {
		info              *debug.BuildInfo
		version, revision string
		want, label       string
	}{
		{stamped, "", "", "presence v1.0.0+dirty commit 0123456789ab (modified) " + compiler, "0123456789ab-dirty"},
		{stamped, "v2", "", "presence v2 commit 0123456789ab (modified) " + compiler, "0123456789ab-dirty"},
		{stamped, "v2", "fedcba9876543210", "presence v2 commit fedcba987654 " + compiler, "fedcba987654"},
		{&debug.BuildInfo{}, "", "", "presence devel " + compiler, ""},
		{
			&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "", "ab", "presence devel commit ab " + compiler,
			"ab",
		},
	} {
		b := buildOf(tc.info, tc.version, tc.revision)
		if got := b.String(); got != tc.want+platform {
			t.Errorf("%q, want %q", got, tc.want+platform)
		}
		labels := map[string]string{"version": b.version, "revision": tc.label, "goversion": compiler}
		if got := labelsOf(t, b.metric()); !maps.Equal(got, labels) {
			t.Errorf("labels %v, want %v", got, labels)
		}
	}
}

// labelsOf are the labels of presence_build_info, which must be 1.
func labelsOf(t *testing.T, c prometheus.Collector) map[string]string {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "presence_build_info" ||
		families[0].Metric[0].GetGauge().GetValue() != 1 {
		t.Fatalf("%v, %v", families, err)
	}
	labels := make(map[string]string)
	for _, l := range families[0].Metric[0].Label {
		labels[l.GetName()] = l.GetValue()
	}
	return labels
}

// TestBuildsSayTheVersion: what builds without git sets these variables. One of another name would
// be set without a complaint, and everything built so would be "devel".
func TestBuildsSayTheVersion(t *testing.T) {
	source := read(t, "version.go")
	for file, args := range map[string][]string{
		"../../Makefile": {"-X main.givenVersion=$(VERSION)", "-X main.givenRevision=$(REVISION)"},
		"../../Dockerfile": {
			"-X main.givenVersion=$VERSION", "-X main.givenRevision=$REVISION", "\nARG VERSION=\n",
			"\nARG REVISION=\n",
		},
	} {
		text := read(t, file)
		for _, arg := range args {
			if !strings.Contains(text, arg) {
				t.Errorf("%s has no %q", file, arg)
			}
		}
		for _, set := range regexp.MustCompile(`-X main\.(\w+)=`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^var (.*, )?` + set[1] + `\b`).MatchString(source) {
				t.Errorf("%s sets %s, which is not in version.go", file, set[1])
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
