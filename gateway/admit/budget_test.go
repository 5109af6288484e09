package admit

import (
	"sync"
	"testing"
)

func TestBudgetEnds(t *testing.T) {
	b := NewBudget(100)
	if !b.Take(60) || !b.Take(40) || b.Take(1) {
		t.Fatalf("%d of %d taken", b.Used(), b.Limit())
	}
	b.Give(40)
	if b.Take(41) || !b.Take(40) {
		t.Errorf("%d of %d taken", b.Used(), b.Limit())
	}
	b.Give(100)
	if b.Used() != 0 {
		t.Errorf("%d left over", b.Used())
	}
}

// A size near the largest number must not wrap round.
func TestBudgetRefusesTheImmense(t *testing.T) {
	b := NewBudget(100)
	b.Take(1)
	if b.Take(1<<63 - 1) {
		t.Errorf("%d of %d taken", b.Used(), b.Limit())
	}
}

func TestBudgetPanicsWhenItWouldGrow(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("given back what was never taken, and nobody said so")
		}
	}()
	NewBudget(100).Give(1)
}

// Many at once never have more than there is.
func TestBudgetAmongMany(t *testing.T) {
	b := NewBudget(10)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if !b.Take(4) {
					continue
				}
				if used := b.Used(); used > b.Limit() {
					t.Errorf("%d of %d taken", used, b.Limit())
				}
				b.Give(4)
			}
		})
	}
	wg.Wait()
	if b.Used() != 0 {
		t.Errorf("%d left over", b.Used())
	}
}
