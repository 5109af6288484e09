package contest

import (
	"context"
	"errors"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatEndsEarlyIsNotMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m, err := Measure(ctx, os.Getpid(), func(context.Context) (int64, error) {
		cancel()
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) || m.PerCPUSecond != 0 {
		t.Errorf("%v, %v; want nothing, since it was ended", m, err)
	}
}
