package contest

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBounds(t *testing.T) {
	for want, spoil := range map[string]func(*Options){
		"--rounds is 0":        func(o *Options) { o.Rounds = 0 },
		"--subscribers is 0":   func(o *Options) { o.Subscribers = 0 },
		"--each is 1h0m0s; it": func(o *Options) { o.Each = time.Hour },
	} {
		o := &Options{Rounds: 5, Each: time.Second, Subscribers: 1000}
		if err := o.Check(); err != nil {
			t.Error(err)
		}
		spoil(o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

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
