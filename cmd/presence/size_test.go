package main

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]size{
		"64MiB": 64 << 20, "64 MiB": 64 << 20, "1GiB": 1 << 30, "3KiB": 3 << 10,
		"1000": 1000, "0": 0,
	} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
		var again size
		if err := again.UnmarshalText([]byte(got.String())); err != nil || again != got {
			t.Errorf("%s is written %s and read as %d", text, got, again)
		}
	}
	for _, text := range []string{
		"", "MiB", "64MB", "64M", "-1", "1.5GiB", "64  MiB", "99999999999GiB",
		"9223372036854775808",
	} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}
