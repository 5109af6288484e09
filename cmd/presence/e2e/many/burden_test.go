package many

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// places says where the nodes of a cluster keep a person, as they work it out themselves.
type places struct{ table *view.Table }

func placesOf(nodes []*node) places {
	var names []string
	for _, nd := range nodes {
		names = append(names, nd.id)
	}
	return places{view.NewTable(names, cluster.DefaultPartitions)}
}

func (p places) of(id string) (owner, backup string) {
	at := int(shard.KeyOf(id).Hash % uint64(p.table.Partitions()))
	backup, _ = p.table.Backup(at)
	return p.table.Owner(at), backup
}

// next is the first number from i on whose id these two keep.
func (p places) next(format string, i int, owner, backup string) int {
	for {
		if o, b := p.of(fmt.Sprintf(format, i)); o == owner && b == backup {
			return i
		}
		i++
	}
}

// burden is writes that one node asks another one for, which needs a third as its backup: so many
// under way on one link if they have to wait. What is refused is sent again, as backends do.
type burden struct {
	running sync.WaitGroup
	cancel  context.CancelFunc
	through *node
	waiting atomic.Int64 // writes under way

	mu      sync.Mutex
	begun   time.Time
	most    int64 // under way
	done    int
	refused int
	lost    int             // not answered in time
	slow    []time.Duration // of those that were refused, or lost
	wrong   map[string]int  // what else was answered
}

// pace is how often each of those who write does, at most: as often as one that waits for an owner
// in vain.
const pace = 5 * time.Second

// newBurden starts so many direct messages and overrides: through the first node, to the second,
// with the third as backup.
func newBurden(t *testing.T, nodes []*node, messages, overrides int) *burden {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := &burden{cancel: cancel, through: nodes[0], wrong: make(map[string]int)}
	at, next := placesOf(nodes), 0
	for kind, n := range map[int]int{0: overrides, 1: messages} {
		for range n {
			i := at.next([]string{"picky-%d", "friend-%d"}[kind], next, nodes[1].id, nodes[2].id)
			next = i + 1
			b.running.Go(func() { b.write(ctx, everyWrite[kind], i, pace*time.Duration(i%1000)/1000) })
		}
	}
	t.Cleanup(b.end)
	return b
}

func (b *burden) end() {
	b.cancel()
	b.running.Wait()
	client.CloseIdleConnections()
}

func (b *burden) write(ctx context.Context, w write, i int, after time.Duration) {
	next := time.Now().Add(after)
	for sleepUntil(ctx, next) {
		next = time.Now().Add(pace)
		begun := time.Now()
		under := b.waiting.Add(1)
		calling, cancel := context.WithTimeout(ctx, answered)
		err := w.do(calling, b.through, i)
		cancel()
		b.waiting.Add(-1)
		if ctx.Err() == nil {
			b.note(begun, under, err)
		}
	}
}

func (b *burden) note(begun time.Time, under int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most = max(b.most, under)
	switch {
	case begun.Before(b.begun):
	case err == nil:
		b.done++
	case unavailable(err):
		b.refused++
		b.slow = append(b.slow, time.Since(begun))
	case errors.Is(err, context.DeadlineExceeded):
		b.lost++
		b.slow = append(b.slow, time.Since(begun))
	default:
		b.wrong[err.Error()]++
	}
}

func (b *burden) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun, b.most, b.done, b.refused, b.lost, b.slow = time.Now(), 0, 0, 0, 0, nil
	clear(b.wrong)
}

// enough reports whether there is something to judge by.
func (b *burden) enough() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done+b.refused+b.lost > 0
}

// report says what became of the writes: each is done, or refused within what is promised.
func (b *burden) report(t *testing.T, c *control, promised time.Duration) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.slow)
	t.Logf("writes that need the backup: at most %d under way, %d done, %d refused, %d not answered", b.most, b.done,
		b.refused, b.lost)
	c.within(t, "what can't be done is refused, the slowest", quantile(b.slow, 1), promised)
	c.withinAt(t, "what can't be done is refused", b.slow, 0.9, promised)
	if len(b.wrong) > 0 {
		t.Errorf("neither done nor refused: %v", b.wrong)
	}
}
