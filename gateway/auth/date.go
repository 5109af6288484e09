package auth

import (
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// lastSecond ends the year 9999. A later time is one in milliseconds, which would make a token that
// lives for 50,000 years.
const lastSecond = 253402300799

// date is a time in seconds since 1970, a fraction allowed (RFC 7519 "NumericDate").
type date struct{ time.Time }

func (d *date) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return err
	}
	if seconds < 0 || seconds > lastSecond {
		return strconv.ErrRange
	}
	whole := int64(seconds)
	d.Time = time.Unix(whole, int64((seconds-float64(whole))*1e9))
	return nil
}

func (d *date) numeric() *jwt.NumericDate {
	if d == nil {
		return nil
	}
	return &jwt.NumericDate{Time: d.Time}
}
