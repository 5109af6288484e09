package watch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

func viewersOf(ids ...string) []shard.Viewer {
	viewers := make([]shard.Viewer, len(ids))
	for i, id := range ids {
		viewers[i] = viewerOf(id)
	}
	return viewers
}

func viewerOf(id string) shard.Viewer { return new(shard.Settings).Viewer(id) }

// many are ids that begin alike.
func many(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return ids
}

// TestRequestsAreBounded: whatever is asked goes in requests that an owner takes, each question
// once and in order.
func TestRequestsAreBounded(t *testing.T) {
	long := many(strings.Repeat("x", 120), 100_000)
	for what, questions := range map[string][]host.Question{
		"many ids":     appendAll(nil, many("p", 3*maxQuestions), "ben"),
		"long ids":     appendAll(nil, long, "ben"),
		"many viewers": appendPairs(nil, "ada", viewersOf(many("v", 2*maxNames)...)),
		"long viewers": appendPairs(nil, "ada", viewersOf(long...)),
		"nobody":       {{ID: "ada"}},
	} {
		left := questions
		for len(left) > 0 {
			b, n := appendQuestions(left, FormTrusts)
			got, err := readRequest(message.NewReader(b), FormTrusts)
			if err != nil || n == 0 || len(got) != n {
				t.Fatalf("%s: %d of %d came, %d bytes: %v", what, len(got), n, len(b), err)
			}
			for i, q := range got {
				if q.ID != left[i].ID || !sameViewers(q.Viewers, left[i].Viewers) {
					t.Fatalf("%s: another question came: %v", what, q)
				}
			}
			if answer := appendSights(got, make([]host.Sight, n), FormTrusts); len(answer) > 1<<20 {
				t.Fatalf("%s: an answer of %d bytes", what, len(answer))
			}
			left = left[n:]
		}
	}
}

func appendAll(questions []host.Question, ids []string, viewers ...string) []host.Question {
	keys := viewersOf(viewers...)
	for _, id := range ids {
		questions = append(questions, host.Question{ID: id, Viewers: keys})
	}
	return questions
}

// large is a request that is good, and larger than any that a node writes.
func large() []byte {
	const each = len("\x03ada\x00")
	n := 2*maxMessage/each + 1
	b := message.AppendUint32(message.AppendUint32(nil, 0), n)
	for range n {
		b = append(codec.AppendText(b, "ada"), 0)
	}
	return b
}

// TestBadQuestions: what no node writes is refused before memory is taken for it.
func TestBadQuestions(t *testing.T) {
	names := message.AppendUint64(message.AppendUint32(nil, 1), viewerOf("ben").Hash)
	one := func(viewers ...byte) []byte {
		return append(codec.AppendText(message.AppendUint32(slices.Clone(names), 1), "ada"), viewers...)
	}
	for what, b := range map[string][]byte{
		"an unknown viewer": one(1, 0, 1),
		"too many viewers":  append(one(shard.MaxViewers+1), make([]byte, 2*(shard.MaxViewers+1))...),
		"missing viewers":   one(2, 0, 0),
		"a large one":       large(),
		"a bad id":          codec.AppendText(message.AppendUint32(slices.Clone(names), 1), "a b"),
		"many claimed":      message.AppendUint32(slices.Clone(names), 1<<31),
	} {
		if _, err := readRequest(message.NewReader(b), FormTrusts); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	got, err := readRequest(message.NewReader(one(1, 0, 0)), FormTrusts)
	if err != nil || len(got) != 1 || got[0].Viewers[0].Hash != viewerOf("ben").Hash {
		t.Errorf("a good one: %v, %v", got, err)
	}
}
