package main

import (
	"strings"
	"testing"
)

func TestEnding(t *testing.T) {
	const end, h, d = int64(1_800_000_000), int64(3600), int64(24 * 3600)
	for _, tc := range []struct {
		what string
		left int64
		last step
		at   step
		says string // part of it; empty: nothing
	}{
		{"far away", 100 * d, far, far, ""},
		{"a second before 14 days", 14*d + 1, far, far, ""},
		{"14 days", 14 * d, far, fortnight, "14 days"},
		{"14 days, told", 14*d - 1, fortnight, fortnight, ""},
		{"a second before the day", d + 1, fortnight, fortnight, ""},
		{"a day", d, fortnight, day, "a day"},
		{"a day, told", d - 1, day, day, ""},
		{"an hour", h, day, hour, "an hour"},
		{"an hour, told", 1, hour, hour, ""},
		{"its last second", 0, hour, hour, ""},
		{"over", -1, hour, ended, "has ended"},
		{"over, told", -100 * d, ended, ended, ""},
		{"started with half an hour left", h / 2, far, hour, "an hour"},
		{"started afterwards", -d, far, ended, "has ended"},
		{"renewed", 90 * d, ended, far, ""},
		{"renewed for a week", 7 * d, hour, fortnight, ""},
		{"renewed for a week, a day before its end", d, fortnight, day, "a day"},
	} {
		at, says := ending(end-tc.left, end, tc.last)
		if at != tc.at || (says == "") != (tc.says == "") || !strings.Contains(says, tc.says) {
			t.Errorf("%s: step %d, %q; want %d, %q", tc.what, at, says, tc.at, tc.says)
		}
	}
}
