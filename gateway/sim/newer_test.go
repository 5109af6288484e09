package sim

import (
	"context"
	"encoding/binary"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// leftByNewer makes a node's directory have what a newer version has said of a participant.
func leftByNewer(t *testing.T, dir, id string) {
	t.Helper()
	l, err := disk.Open(disk.Config{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Take: func(disk.Entry) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	k := shard.KeyOf(id)
	rest := codec.AppendText(codec.AppendText(nil, id), "status")
	rest = binary.BigEndian.AppendUint64(rest, uint64(shard.NewClock(9).Next(time.Now().UnixMilli())))
	rest = append(append(rest, 0), "on holiday"...)
	l.Append(disk.Extras, int(k.Hash%partitions), append([]byte{200, byte(len(rest))}, rest...))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNewerFactsStay: one node was of a newer version for a while, which has left something of
// everybody on its disk. That is known to all when the node is back, while each node in turn is
// dead, and after all were stopped. An erasure takes it.
func TestNewerFactsStay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const seed = 1
		w := newWorld(seed, 3, everybody, slog.New(slog.DiscardHandler))
		w.dir = dir
		w.bootAll()
		sleep(w.ctx, settling)
		w.stop(w.nodes[0])
		for _, id := range everybody {
			leftByNewer(t, filepath.Join(dir, w.nodes[0].id), id)
		}
		w.boot(0)
		want := func(when string, count int) {
			t.Helper()
			sleep(w.ctx, settling)
			for _, i := range w.up() {
				for _, id := range everybody {
					if got := w.newerFacts(t, w.nodes[i].address, id); got != count {
						t.Errorf("seed %d: %s %s has %d facts of %s, want %d", seed, when, w.nodes[i].id, got, id, count)
					}
				}
			}
		}
		want("after the step back", 1)
		for i, p := range w.nodes {
			w.stop(p)
			want("while "+p.id+" is dead", 1)
			w.boot(i)
			want("with "+p.id+" again", 1)
		}
		for _, p := range w.nodes {
			w.stop(p)
		}
		w.bootAll()
		want("after all were stopped", 1)
		for _, id := range everybody {
			if _, err := call(w.ctx, w.backend(), w.nodes[0].address, "DELETE", "/v1/participants/"+id, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		want("after an erasure", 0)
		w.end()
		time.Sleep(time.Minute)
	})
}

// stop kills a node.
func (w *world) stop(p *place) {
	n := p.node
	n.host.Kill()
	n.end()
	p.node = nil
}

// newerFacts is how many facts of a newer version an export has.
func (w *world) newerFacts(t *testing.T, address, id string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	var got struct {
		Held struct {
			Count int `json:"count"`
		} `json:"opaque_facts"`
	}
	if _, err := call(ctx, w.backend(), address, "GET", "/v1/participants/"+id+"/export", nil, &got); err != nil {
		t.Fatal(err)
	}
	return got.Held.Count
}
