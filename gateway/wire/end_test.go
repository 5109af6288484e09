package wire

import (
	"testing"
	"time"
)

func TestEnds(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	text := func(d time.Duration) *string {
		s := now.Add(d).Format(time.RFC3339Nano)
		return &s
	}
	seconds := func(n int64) *int64 { return &n }
	const day = 24 * time.Hour
	for _, tt := range []struct {
		what string
		end  End
		in   time.Duration // 0: refused
	}{
		{"in a second", End{In: seconds(1)}, time.Second},
		{"in 30 days", End{In: seconds(30 * 24 * 3600)}, 30 * day},
		{"in 30 days and a second", End{In: seconds(30*24*3600 + 1)}, 0},
		{"in no time", End{In: seconds(0)}, 0},
		{"in too many seconds for a duration", End{In: seconds(1 << 62)}, 0},
		{"at a millisecond from now", End{At: text(time.Millisecond)}, time.Millisecond},
		{"at the last moment", End{At: text(30 * day)}, 30 * day},
		{"after the last moment", End{At: text(30*day + time.Millisecond)}, 0},
		{"now", End{At: text(0)}, 0},
		{"both", End{At: text(day), In: seconds(5)}, 0},
	} {
		at, err := tt.end.Parse(now, 30*day)
		if err == nil && !at.Equal(now.Add(tt.in)) || (err != nil) != (tt.in == 0) {
			t.Errorf("%s: %v, %v; want %v from now", tt.what, at, err, tt.in)
		}
	}
	if at, err := new(End).Parse(now, day); err != nil || !at.IsZero() {
		t.Errorf("without an end: %v, %v", at, err)
	}
}
