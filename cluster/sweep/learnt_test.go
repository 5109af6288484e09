package sweep

import (
	"maps"
	"testing"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestLearntIsNotAskedAgain: an owner is told the digest of what it last said of each partition.
func TestLearntIsNotAskedAgain(t *testing.T) {
	one, two := shard.Erasures{{Hash: 1}}, shard.Erasures{{Hash: 1}, {Hash: 2}}
	var l learnt
	for i, step := range []struct {
		news []host.Remembered
		want map[int]uint64
		all  int
	}{
		{nil, map[int]uint64{}, 0},
		{[]host.Remembered{{Partition: 3, All: one}}, map[int]uint64{3: one.Digest()}, 1},
		{[]host.Remembered{{Partition: 5, All: two}}, map[int]uint64{3: one.Digest(), 5: two.Digest()}, 2},
		{[]host.Remembered{{Partition: 3, All: two}}, map[int]uint64{3: two.Digest(), 5: two.Digest()}, 2},
		{[]host.Remembered{{Partition: 5}}, map[int]uint64{3: two.Digest()}, 2},
	} {
		l.learn(step.news)
		if got := l.digests(); !maps.Equal(got, step.want) || len(l.together()) != step.all {
			t.Errorf("step %d: %v, want %v; %d in all, want %d", i, got, step.want, len(l.together()), step.all)
		}
	}
}
