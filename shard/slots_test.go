package shard

import (
	"fmt"
	"testing"
)

// stamps are versions from a tick on, each above the one before.
func stamps(set *Settings, t Tick) func() Version {
	clock := NewClock(0)
	return func() Version { return clock.Next(set.Time(t)) }
}

// TestBlocksMoveNames: names move where a block gets one, and its slot has none yet.
func TestBlocksMoveNames(t *testing.T) {
	set := testSettings()
	set.MaxExceptions = 5000
	p, k := sayer(set)
	next := stamps(set, Origin)
	for i := range 3000 {
		viewer := viewerNamed(fmt.Sprintf("viewer-%0100d", i))
		p.SetBlock(k, viewer, true, next())
		p.SetBlock(k, viewer, false, next())
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}
