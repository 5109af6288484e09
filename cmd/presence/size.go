package main

import (
	"fmt"
	"strconv"
	"strings"
)

// size is a number of bytes, written with a unit or without: 64MiB, 64 MiB, 67108864.
type size int64

var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
}

// UnmarshalText takes whole numbers, so that what is printed is what was written.
func (s *size) UnmarshalText(text []byte) error {
	number, unit := string(text), int64(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSuffix(rest, " "), u.bytes
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<50)/unit {
		return &wrongValue{string(text), "a size such as 64MiB, 512KiB, 1GiB or a number of bytes"}
	}
	*s = size(n * unit)
	return nil
}

// String is the size in the largest unit that divides it.
func (s size) String() string {
	for i := len(sizeUnits) - 1; i >= 0; i-- {
		if u := sizeUnits[i]; s != 0 && int64(s)%u.bytes == 0 {
			return fmt.Sprintf("%d%s", int64(s)/u.bytes, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
