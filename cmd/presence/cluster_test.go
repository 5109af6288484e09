package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const figuresJSON = `"figures":{"participants":12,"devices":14,"sockets":3,"heartbeats":5,"changes":6}`

// clusters are answers of GET /v1/cluster, by the file in testdata that shows what is printed of
// them.
var clusters = map[string]string{
	"cluster.txt": `{"partitions":4,"fingerprint":"ab","moving":0,"owners":[0,0,1,1],"members":[
		{"id":"n1","role":"all","state":"serving","partitions":2,"self":true,"out":false,"answered":true,"version":"v1.2.3",` + figuresJSON + `},
		{"id":"n2","role":"gateway","state":"serving","partitions":2,"self":false,"out":false,"answered":true,"version":"v1.2.4",
			"remark":"no space left on the data directory of n2: overrides are refused",` + figuresJSON + `}],
		"pairs":[{"nodes":["n1","n2"],"links":"work"}]}`,
	"cluster-broken.txt": `{"partitions":4,"fingerprint":"ab","moving":1,"owners":[0,0,1,1],"members":[
		{"id":"n1","role":"all","state":"serving","partitions":2,"self":true,"out":false,"answered":true,"version":"v1.2.3",` + figuresJSON + `},
		{"id":"n2","role":"all","state":"serving","partitions":0,"self":false,"out":true,"answered":true,"version":"v1.2.3",
			"not_ready":"left out of the ring: no link to \"n3\" at 10.0.0.3:7947",` + figuresJSON + `},
		{"id":"n3","role":"all","state":"serving","partitions":2,"self":false,"out":false,"answered":true,"version":"v1.2.3",` + figuresJSON + `},
		{"id":"n4","role":"gateway","state":"joining","partitions":0,"self":false,"out":true,"answered":false,"suspected_by":["n1","n3"]}],
		"pairs":[{"nodes":["n1","n2"],"links":"work"},{"nodes":["n1","n3"],"links":"work"},
		{"nodes":["n1","n4"],"links":"unknown","ends":[` + end("n1", "", "") + `,` + silentEnd("n4", false) + `]},
		{"nodes":["n2","n3"],"links":"broken","ends":[` + end("n2", `"hot","events","bulk"`, "") + `,` + end("n3", `"hot","bulk"`, "") + `]},
		{"nodes":["n2","n4"],"links":"broken","ends":[` + end("n2", "", "") + `,` + silentEnd("n4", true) + `]},
		{"nodes":["n3","n4"],"links":"broken","ends":[` + end("n3", "", "unseen") + `,` + silentEnd("n4", false) + `]}]}`,
}

func end(node, missing, unseen string) string {
	return fmt.Sprintf(`{"node":%q,"answered":true,"missing":[%s],"unseen":%v,"reported":false}`, node, missing,
		unseen != "")
}

func silentEnd(node string, reported bool) string {
	return fmt.Sprintf(`{"node":%q,"answered":false,"missing":[],"unseen":false,"reported":%v}`, node, reported)
}

// show prints a cluster as the command does.
func show(t *testing.T, answer string, args ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_,
			_ = io.WriteString(w, answer)
	}))
	defer http.DefaultClient.CloseIdleConnections()
	defer s.Close()
	status, out, errs := client(t, s.URL, "service", append([]string{"cluster"}, args...)...)
	if status != exitOK || errs != "" {
		t.Errorf("status %d, %s", status, errs)
	}
	return out
}

// TestClusterIsShown compares with testdata, like TestHelp.
func TestClusterIsShown(t *testing.T) {
	for file, answer := range clusters {
		path, out := filepath.Join("testdata", file), show(t, answer)
		if *update {
			write(t, path, []byte(out))
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	if got := show(t, `{"members":[]}`, "--json"); got != `{"members":[]}`+"\n" {
		t.Errorf("as JSON: %s", got)
	}
}

// TestFewPairsAreNamed: one node that is cut off is not a line for each of a hundred others.
func TestFewPairsAreNamed(t *testing.T) {
	var r clusterReply
	for i := range 100 {
		a, b := fmt.Sprintf("n%d", i), "x"
		r.Pairs = append(r.Pairs, pairReply{
			Nodes: [2]string{a, b}, Links: "broken",
			Ends: []endReply{{Node: a}, {Node: b}},
		})
	}
	lines := r.wrong()
	if len(lines) != maxWrongPairs+1 || lines[maxWrongPairs] != "and 80 more pairs" {
		t.Errorf("%d lines: %s", len(lines), strings.Join(lines, "\n"))
	}
}

// TestClusterOfANode: what a real node answers can be shown, and nothing is wrong once its
// partitions are there.
func TestClusterOfANode(t *testing.T) {
	url := startNode(t, "--node-id=n1")
	want := regexp.MustCompile(`^NODE .*VERSION\nn1 +all +serving +4096 +100\.0 % +0 +0 +0 +[^- ]\S* +answered\n\n` +
		`table [0-9a-f]{16}, 4096 partitions, 0 of .*\n$`)
	for end := time.Now().Add(patience); ; {
		status, out, errs := client(t, url, "service", "cluster")
		if status == exitOK && want.MatchString(out) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("status %d, %s %s", status, out, errs)
		}
	}
}
