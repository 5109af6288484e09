package admit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSharesKeepOneFromTakingAll(t *testing.T) {
	s := NewShares(NewBudget(100), 40)
	ann, ben, backend := s.Hold("ann"), s.Hold("ben"), s.Hold("")
	second := s.Hold("ann")
	for _, step := range []struct {
		hold *Hold
		n    int64
		want error
	}{
		{&ann, 30, nil},
		{&second, 11, ErrShare},
		{&second, 10, nil},
		{&ann, 1, ErrShare},
		{&ben, 20, nil},
		{&backend, 40, nil},
		{&backend, 1, ErrFull},
		{&ben, 1, ErrFull},
	} {
		if err := step.hold.Take(t.Context(), step.n, time.Second); !errors.Is(err, step.want) {
			t.Fatalf("%q takes %d: %v, want %v", step.hold.who, step.n, err, step.want)
		}
	}
	for _, h := range []*Hold{&ann, &second, &ben, &backend} {
		h.Release()
		h.Release()
	}
	if full, over := s.Refused(); s.Budget().Used() != 0 || len(s.held) != 0 || full != 2 || over != 2 {
		t.Errorf("%d bytes and %d participants are left; refused %d and %d", s.Budget().Used(), len(s.held), full, over)
	}
}

// TestSharesKeepAGroupFromTakingAll: one of another size than a participant's.
func TestSharesKeepAGroupFromTakingAll(t *testing.T) {
	s := NewShares(NewBudget(100), 20).WithGroups(60)
	one, two, other, all := s.HoldAll("g"), s.HoldAll("g"), s.HoldAll("h"), s.HoldAll("")
	for _, step := range []struct {
		hold *Hold
		n    int64
		want error
	}{{&one, 40, nil}, {&two, 21, ErrShare}, {&two, 20, nil}, {&other, 30, nil}, {&all, 10, nil}, {&all, 1, ErrFull}} {
		if err := step.hold.Take(t.Context(), step.n, time.Second); !errors.Is(err, step.want) {
			t.Fatalf("%q takes %d: %v, want %v", step.hold.who, step.n, err, step.want)
		}
	}
}

// Who holds nothing waits, in turn, and not for ever.
func TestHoldWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShares(NewBudget(100), 100)
		first, second := s.Hold("a"), s.Hold("b")
		if err := first.Take(t.Context(), 90, time.Second); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := second.Take(t.Context(), 20, time.Second); !errors.Is(err, ErrFull) ||
			time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		go func() {
			time.Sleep(300 * time.Millisecond)
			first.Release()
		}()
		start = time.Now()
		if err := second.Take(t.Context(), 20, time.Second); err != nil || time.Since(start) != 300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		second.Release()
		if s.Budget().Used() != 0 || len(s.held) != 0 {
			t.Errorf("%d bytes are left", s.Budget().Used())
		}
	})
}

// Who holds something doesn't wait: two of these might wait for each other.
func TestHoldDoesNotWaitWithFullHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShares(NewBudget(100), 100)
		first, second := s.Hold("a"), s.Hold("b")
		_, _ = first.Take(t.Context(), 50, time.Second), second.Take(t.Context(), 50, time.Second)
		start := time.Now()
		if err := first.Take(t.Context(), 1, time.Second); !errors.Is(err, ErrFull) || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// A wait that ends with its context leaves nothing taken, and nobody behind it.
func TestHoldOfAClientThatGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShares(NewBudget(100), 100)
		first, second, third := s.Hold("a"), s.Hold("b"), s.Hold("c")
		if err := first.Take(t.Context(), 90, time.Second); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := second.Take(ctx, 50, time.Minute); !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
		if err := third.Take(t.Context(), 10, time.Second); err != nil {
			t.Errorf("still behind the one that went: %v", err)
		}
		first.Release()
		third.Release()
		if s.Budget().Used() != 0 || len(s.held) != 0 {
			t.Errorf("%d bytes are left", s.Budget().Used())
		}
	})
}
