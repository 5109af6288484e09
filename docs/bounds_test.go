package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/socket"
)

// quantity is a number in a page or in the help, and its unit.
var quantity = regexp.MustCompile(`^([\d.,]*\d) ?([a-zA-Z]*)`)

// units are those that pages and help write. Times count in seconds, sizes in bytes.
var units = map[string]float64{
	"": 1, "ms": 1e-3, "s": 1, "min": 60, "m": 60, "h": 3600, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20,
}

// amount reads the quantity that a text begins with. ok is false where it begins with none.
func amount(text string) (value float64, ok bool) {
	m := quantity.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	unit, ok := units[m[2]]
	value, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	return value * unit, ok && err == nil
}

// helped are the defaults that the help of `presence serve` tells, by flag.
func helped(t *testing.T) map[string]float64 {
	t.Helper()
	out, err := exec.Command(command(t), "serve", "-h").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, m := range regexp.MustCompile(`--([\w-]+)=(?:[^$]*?)\(default ([^;)]+); \$PRESENCE_`).FindAllStringSubmatch(text, -1) {
		if value, ok := amount(m[2]); ok {
			found[m[1]] = value
		}
	}
	return found
}

// beside are rows that name a flag which moves their limit without being it.
var beside = []string{"a header, request line included", "a header, without ids"}

// TestPagesTellTheDefaultsOfFlags reads each row of a table that has a flag and, under "default", a
// quantity.
func TestPagesTellTheDefaultsOfFlags(t *testing.T) {
	defaults, found := helped(t), 0
	for _, page := range []string{"api.md", "operations.md"} {
		column := -1
		for _, line := range strings.Split(pages(t)[filepath.Join("docs", page)], "\n") {
			cells := strings.Split(strings.ReplaceAll(line, `\|`, "/"), "|")
			if at := slices.IndexFunc(cells, func(c string) bool { return strings.TrimSpace(c) == "default" }); at >= 0 {
				column = at
			}
			names := flag.FindStringSubmatch(line)
			if len(cells) < 4 || column < 0 || column >= len(cells) || names == nil {
				continue
			}
			want, has := defaults[names[1]]
			got, ok := amount(cells[column])
			if !has || !ok || slices.ContainsFunc(beside, func(b string) bool { return strings.Contains(cells[1], b) }) {
				continue
			}
			if found++; got != want {
				t.Errorf("%s: %s\n--%s is %v by default, not %v", page, line, names[1], want, got)
			}
		}
	}
	if found < 25 {
		t.Errorf("only %d defaults were found", found)
	}
}

// told is a number of the code as pages write it: 10,000, 65 s, and 4 MiB for an int64.
func told(n any) string {
	switch n := n.(type) {
	case time.Duration:
		return strconv.FormatFloat(n.Seconds(), 'f', -1, 64) + " s"
	case int:
		digits := strconv.Itoa(n)
		for at := len(digits) - 3; at > 0; at -= 3 {
			digits = digits[:at] + "," + digits[at:]
		}
		return digits
	case int64:
		return sized(n)
	default:
		return n.(string)
	}
}

func sized(bytes int64) string {
	if bytes%(1<<20) == 0 {
		return strconv.FormatInt(bytes>>20, 10) + " MiB"
	}
	return strconv.FormatInt(bytes>>10, 10) + " KiB"
}

// TestPagesTellTheBoundsOfTheCode is about the numbers of the pages that are in no table of flags.
// The
// # in a sentence stands for the number, and each sentence must be there: where the code's number
// changes, so must the page.
func TestPagesTellTheBoundsOfTheCode(t *testing.T) {
	l, s := gateway.DefaultLimits(), cluster.DefaultSettings()
	kib := func(n int) int64 { return int64(n) }
	for _, bound := range []struct {
		page, sentence string
		number         any
	}{
		{"openapi.yaml", "Bodies are at most #,", kib(l.MaxBodyBytes)},
		{"openapi.yaml", "request lines at most #.", kib(l.MaxRequestLineBytes)},
		{"openapi.yaml", "a body over #,", kib(l.MaxBodyBytes)},
		{"openapi.yaml", "a request line over #,", kib(l.MaxRequestLineBytes)},
		{"openapi.yaml", "or a header over # where", kib(l.MaxHeaderBytes)},
		{"openapi.yaml", "States of up to # participants", l.MaxIDs},
		{"openapi.yaml", "States of up to # participants", l.MaxQueryIDs},
		{"openapi.yaml", "Up to # heartbeats", l.MaxItems},
		{"openapi.yaml", "(# with the defaults)", s.Deadline()},
		{"openapi.yaml", "explode: false schema: type: array minItems: 1 maxItems: # ", strconv.Itoa(l.MaxIDs)},
		{"openapi.yaml", "ids: type: array minItems: 1 maxItems: # ", strconv.Itoa(l.MaxQueryIDs)},
		{"openapi.yaml", "accepted: { type: integer, minimum: 0, maximum: # }", strconv.Itoa(l.MaxItems)},
		{"openapi.yaml", "index: { type: integer, minimum: 0, maximum: #,", strconv.Itoa(l.MaxItems - 1)},
		{"asyncapi.yaml", "maxItems: # ", strconv.Itoa(l.MaxIDs)},
		{"asyncapi.yaml", "A frame is at most #,", kib(l.MaxMessageBytes)},
		{"asyncapi.yaml", "and # before `welcome`", kib(l.MaxGreetingBytes)},
		{"asyncapi.yaml", "Rates: # messages a second", int(l.MessageRate)},
		{"asyncapi.yaml", "bursts of #.", l.MessageBurst},
		{"asyncapi.yaml", "Up to # ids in a message", l.MaxIDs},
		{"asyncapi.yaml", "and # on a connection", l.MaxWatched},
		{"asyncapi.yaml", "for the deadline (# by default)", s.Deadline()},
		{"api.md", "Up to # ids; `ids` may be repeated", l.MaxIDs},
		{"api.md", "The same, up to # ids.", l.MaxQueryIDs},
		{"api.md", "Up to # items.", l.MaxItems},
		{"api.md", "Up to # edges;", l.MaxItems},
		{"api.md", "of one participant are # together", s.MaxExceptions},
		{"openapi.yaml", "A participant may have # windows, edges and blocks", s.MaxExceptions},
		{"api.md", "| `subscribe` | `ids`, up to #;", l.MaxIDs},
		{"api.md", "; # a connection |", l.MaxWatched},
		{"api.md", "a frame was larger than #,", kib(l.MaxMessageBytes)},
		{"api.md", "or than # before `welcome`", kib(l.MaxGreetingBytes)},
		{"api.md", "over # ids (query:", l.MaxIDs},
		{"api.md", "(query: #), or over", l.MaxQueryIDs},
		{"api.md", "or over # watched", l.MaxWatched},
		{"api.md", "over # heartbeats or direct messages", l.MaxItems},
		{"api.md", "a body over #,", kib(l.MaxBodyBytes)},
		{"api.md", "a request line over # |", kib(l.MaxRequestLineBytes)},
		{"api.md", "burst # times that | 20 |", socket.MessageBurstSeconds},
		{"api.md", "HTTP requests a second of one participant; burst # times that", gateway.ParticipantBurstSeconds},
		{"api.md", "no good token; burst # times that", gateway.AnonymousBurstSeconds},
		{"api.md", "burst # times that, at least", gateway.IDsBurstSeconds},
		{"api.md", "times that, at least #;", l.LeastIDsBurst()},
		{"api.md", "a header, request line included, where no ids are in the line | # |", kib(l.MaxHeaderBytes)},
		{"operations.md", "a header, without ids in its line | `presence_rejections_total{code=\"too_large\"}` | # |", kib(l.MaxHeaderBytes)},
		{"operations.md", "whose last answer was for nobody with a token | | #;", l.StrangerIdle},
		{"operations.md", "a header or a body comes, after #;", l.Grace},
		{"operations.md", "(at least #); service scope", l.LeastIDsBurst()},
		{"operations.md", "# bytes count as one id", admit.BytesPerID},
		{"operations.md", "the node reads nothing more from it; after # it is closed with 4005", l.SlowAfter},
		{"operations.md", "and asks again before that time, for # without", l.FloodTime},
		{"operations.md", "a frame on a socket waits #, is passed over", l.WriteWait},
		{"operations.md", "(`iat`, `nbf`), # to 30s.", auth.LeastAhead.String()},
		{"operations.md", "1s to #. `exp` has", auth.MostAhead.String()},
		{"operations.md", "the largest token, #KiB to", strconv.Itoa(auth.LeastTokenBytes >> 10)},
		{"operations.md", "1KiB to #KiB. Headers", strconv.Itoa(auth.MostTokenBytes >> 10)},
	} {
		text, err := os.ReadFile(bound.page)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(bound.sentence, "#", told(bound.number))
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
			t.Errorf("docs/%s does not say %q", bound.page, want)
		}
	}
}
