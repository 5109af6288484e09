package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

func keysOf(ids ...string) []shard.Key {
	keys := make([]shard.Key, len(ids))
	for i, id := range ids {
		keys[i] = shard.KeyOf(id)
	}
	return keys
}

// many are ids that begin alike.
func many(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return ids
}

// TestRequestsAreBounded: whatever is asked goes in requests that an owner takes, each question once and in order.
func TestRequestsAreBounded(t *testing.T) {
	long := many(strings.Repeat("x", 120), 100_000)
	for what, questions := range map[string][]Question{
		"many ids":     appendAll(nil, many("p", 3*maxQuestions), "ben"),
		"long ids":     appendAll(nil, long, "ben"),
		"many viewers": appendPairs(nil, "ada", keysOf(many("v", 2*maxNames)...)),
		"long viewers": appendPairs(nil, "ada", keysOf(long...)),
		"nobody":       {{ID: "ada"}},
	} {
		left := questions
		for len(left) > 0 {
			b, n := appendQuestions(left)
			d := message.NewReader(b)
			got := readQuestions(d)
			if err := d.End(); err != nil || n == 0 || len(got) != n {
				t.Fatalf("%s: %d of %d came, %d bytes: %v", what, len(got), n, len(b), err)
			}
			for i, q := range got {
				if q.ID != left[i].ID || !slices.Equal(q.Viewers, left[i].Viewers) {
					t.Fatalf("%s: another question came: %v", what, q)
				}
			}
			if answer := appendSights(got, make([]Sight, n)); len(answer) > 1<<20 {
				t.Fatalf("%s: an answer of %d bytes", what, len(answer))
			}
			left = left[n:]
		}
	}
}

func appendAll(questions []Question, ids []string, viewers ...string) []Question {
	keys := keysOf(viewers...)
	for _, id := range ids {
		questions = append(questions, Question{ID: id, Viewers: keys})
	}
	return questions
}

// TestBadQuestions: what no node writes is refused before memory is taken for it.
func TestBadQuestions(t *testing.T) {
	names := message.AppendTexts(nil, []string{"ben"})
	one := func(viewers ...byte) []byte {
		return append(codec.AppendText(message.AppendUint32(slices.Clone(names), 1), "ada"), viewers...)
	}
	for what, b := range map[string][]byte{
		"an unknown viewer": one(1, 0, 1),
		"too many viewers":  append(one(shard.MaxViewers+1), make([]byte, 2*(shard.MaxViewers+1))...),
		"missing viewers":   one(2, 0, 0),
		"a large one":       append(message.AppendUint32(nil, maxBatch), make([]byte, 2*maxBatch)...),
		"a bad id":          message.AppendTexts(nil, []string{"a b"}),
		"many claimed":      message.AppendUint32(slices.Clone(names), 1<<31),
	} {
		d := message.NewReader(b)
		if readQuestions(d); d.End() == nil {
			t.Errorf("%s is taken", what)
		}
	}
	d := message.NewReader(one(1, 0, 0))
	if got := readQuestions(d); d.End() != nil || len(got) != 1 || got[0].Viewers[0].ID != "ben" {
		t.Errorf("a good one: %v, %v", got, d.End())
	}
}

// TestExceptionsAreTold: a gateway hears of an exception at the owner, for any number of viewers, of its beginning, and
// again from the next owner.
func TestExceptionsAreTold(t *testing.T) {
	b := newBand(t, 3)
	gateway, sink, id := b.nodes[0], b.sinks[0], b.ownedBy(b.nodes[2])
	viewers := append(many("v", 2*shard.MaxViewers), "ben")
	open := func(i int) bool { return i%3 == 0 }
	for i, v := range viewers {
		if open(i) {
			b.message(id, v)
		}
	}
	questions := appendPairs(nil, id, keysOf(viewers...))
	sights := make([]Sight, len(questions))
	gateway.Watch(t.Context(), questions, sights)
	for i, v := range viewers {
		if got := sights[i/shard.MaxViewers].Excepted>>(i%shard.MaxViewers)&1 == 1; got != open(i) {
			t.Errorf("the answer says of %s %t", v, got)
		}
	}
	watch(t, gateway, sink, id)
	sink.mu.Lock()
	sink.viewers = keysOf(viewers...)
	sink.mu.Unlock()
	b.message(id, "later")
	await(t, "one that opens is told", func() bool { has, _ := sink.excepts(id, "later"); return has })
	if _, ok := sink.excepts(id, viewers[0]); ok {
		t.Error("one is told that didn't change")
	}
	b.crash(b.nodes[2])
	await(t, "the next owner tells of all", func() bool {
		for i, v := range viewers {
			if has, ok := sink.excepts(id, v); !ok || has != open(i) {
				return false
			}
		}
		return true
	})
}

// TestExceptionsAreAskedAnew: when too many change at once for each to be told, the gateway asks.
func TestExceptionsAreAskedAnew(t *testing.T) {
	b := newBand(t, 2)
	gateway, owner := b.nodes[0], b.nodes[1]
	id := b.ownedBy(owner)
	watch(t, gateway, b.sinks[0], id)
	b.sinks[0].viewers = keysOf("ben", "cleo")
	owner.feed.mu.Lock()
	for _, r := range owner.feed.remote {
		r.Deliver([]Update{{ID: id, Ask: true}})
	}
	owner.feed.mu.Unlock()
	owner.host.OpenWindow(id, "ben", time.Now().UnixMilli())
	await(t, "the gateway asks", func() bool { _, ok := b.sinks[0].excepts(id, "cleo"); return ok })
	await(t, "it is told", func() bool { has, _ := b.sinks[0].excepts(id, "ben"); return has })
}

// message has two write to each other.
func (b *band) message(one, two string) {
	b.t.Helper()
	errs := make([]error, 1)
	b.nodes[0].DirectMessages(b.t.Context(), []DirectMessage{{A: one, B: two, At: time.Now()}}, errs)
	if errs[0] != nil {
		b.t.Fatal(errs[0])
	}
}
