package main

import (
	"net"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// duration reads a flag's value. Go's own complaint does not say what is right instead.
func duration(c *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := c.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return &wrongValue{text, "a duration with its unit, such as 30s, 2m or 1.5h"}
	}
	target.SetInt(int64(d))
	return nil
}

// address is host:port to listen on; an empty host means every interface, port 0 a free one.
type address string

// UnmarshalText refuses what no listener could take, so that the complaint can say where it was
// written.
func (a *address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return &wrongValue{
			string(text),
			"host:port with a port from 0 to 65535, such as 127.0.0.1:8080, [::1]:8080 or :8080",
		}
	}
	*a = address(text)
	return nil
}
