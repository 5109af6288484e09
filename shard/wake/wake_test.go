package wake_test

import (
	"testing"

	"github.com/scaiwave/presence/shard/wake"
)

func TestASignalIsOneHoweverOftenItIsRaised(t *testing.T) {
	s := wake.New()
	raised := func() bool {
		select {
		case <-s:
			return true
		default:
			return false
		}
	}
	if raised() {
		t.Error("raised from the beginning")
	}
	for range 3 {
		s.Raise()
	}
	if !raised() || raised() {
		t.Error("not received, or more than once")
	}
	if s.Raise(); !raised() {
		t.Error("not received after it was received")
	}
}
