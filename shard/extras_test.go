package shard

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// TestAudienceOfNoKind: a word without a kind isn't taken for a value.
func TestAudienceOfNoKind(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	rest := binary.AppendUvarint([]byte("\x03ada"), uint64(versionAt(set, Origin)&^kindMask))
	rest = append(rest, 0, 0, 0) // no last_seen, edge or block
	record := append([]byte{recordExtra, byte(len(rest))}, rest...)
	if _, err := p.Apply(Origin, 0, record, ceiling); err == nil {
		t.Errorf("taken for %v", p.Said(k).Set)
	}
}

// TestOlderBlockHasLeft: the name of a block that is over is in what came, so files may have it.
func TestOlderBlockHasLeft(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	q, _ := sayer(set)
	next := stamps(set, Origin)
	q.SetBlock(k, viewerNamed("eve"), true, next())
	p.SetBlock(k, viewerNamed("eve"), false, next())
	p.TakeLeft(func(uint64) {})
	if _, err := p.Merge(Origin, Extended(q.Snapshot(Origin, 7), q.Extras(Origin, nil)), ceiling); err != nil {
		t.Fatal(err)
	}
	left := false
	p.TakeLeft(func(hash uint64) { left = left || hash == KeyOf("eve").Hash })
	if !left {
		t.Error("eve isn't here, and hasn't left")
	}
}

// TestExtrasOfMany: what a batch has said is written in one go, however much was said before. The
// control is to write all.
func TestExtrasOfMany(t *testing.T) {
	set := testSettings()
	set.MaxExceptions = 10_000
	p, k := sayer(set)
	p.Mirror(true)
	next := stamps(set, Origin)
	for i := range set.MaxExceptions {
		p.SetEdge(Origin, k, viewerNamed(fmt.Sprint(i)), Edge{Allow: Deny}, next())
	}
	begin := time.Now()
	for range 20 {
		p.Extras(Origin, nil)
	}
	all := time.Since(begin)
	begin = time.Now()
	p.TakeExtras(Origin, nil)
	if some := time.Since(begin); some > all {
		t.Errorf("%v for each alone, and %v for all together twenty times", some, all)
	}
}
