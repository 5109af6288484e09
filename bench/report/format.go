package report

import (
	"math"
	"strconv"
	"strings"
)

// quantity is a value with its unit as people read it: three digits, a prefix, bytes in powers of
// 1,024, times in the unit that suits them.
func quantity(v float64, unit string) string {
	head, rest, _ := strings.Cut(unit, "/")
	tail := ""
	if rest != "" {
		tail = "/" + rest
	}
	switch head {
	case "B":
		return memorySize(v) + tail
	case "ms":
		return duration(v/1000) + tail
	case "s":
		return duration(v) + tail
	case "%":
		return digits(v) + " %"
	case "1":
		return scaled(v) + tail
	case "":
		return scaled(v) + tail
	}
	return scaled(v) + " " + unit
}

func memorySize(v float64) string {
	n := 0
	for math.Abs(v) >= 10*1024 && n < 4 {
		v /= 1024
		n++
	}
	return digits(v) + " " + [...]string{"B", "KiB", "MiB", "GiB", "TiB"}[n]
}

func duration(seconds float64) string {
	switch a := math.Abs(seconds); {
	case a == 0:
		return "0 ms"
	case a < 0.0001:
		return digits(seconds*1e6) + " µs"
	case a < 1:
		return digits(seconds*1e3) + " ms"
	case a < 600:
		return digits(seconds) + " s"
	}
	return digits(seconds/60) + " min"
}

// scaled is a number, from a million up in millions or billions.
func scaled(v float64) string {
	switch a := math.Abs(v); {
	case a >= 999_500_000:
		return digits(v/1e9) + " billion"
	case a >= 999_500:
		return digits(v/1e6) + " M"
	}
	return digits(v)
}

// digits is a number with three significant digits. A whole number is in full, with a comma at the
// thousands.
func digits(v float64) string {
	a := math.Abs(v)
	if a >= 99.95 || a == math.Trunc(a) {
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	decimals := 1
	for limit := 9.995; a < limit && decimals < 6; limit /= 10 {
		decimals++
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', decimals, 64), "0"), ".")
}

func thousands(s string) string {
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// printable is a text of a file as a terminal may show it: control characters, which could make a
// terminal do anything, are escaped.
func printable(s string) string {
	var shown strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			shown.WriteRune(r)
		} else {
			shown.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return shown.String()
}

// full is a value as exactly as the file has it.
func full(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
