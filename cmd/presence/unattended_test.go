package main

import (
	"bytes"
	"log/slog"
	"testing"
	"time"
)

func TestWarnsOfHaste(t *testing.T) {
	for after, warns := range map[time.Duration]bool{
		0: false, time.Second: true, 30 * time.Second: true,
		time.Minute: false, 3 * time.Minute: false,
	} {
		var said bytes.Buffer
		c := &serveCommand{timingSettings: timingSettings{HeartbeatInterval: 30 * time.Second, UnattendedAfter: after}}
		c.warnOfHaste(slog.New(slog.NewTextHandler(&said, nil)))
		if got := said.Len() > 0; got != warns {
			t.Errorf("%v: %q", after, said.String())
		}
	}
}
