package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/scaiwave/presence/client/presence"
	"github.com/scaiwave/presence/shard"
)

type beatCommand struct {
	Device string `placeholder:"ID" help:"Name of the device; made from the host name by default. Two that run at once need two names."`
	Idle   bool   `help:"Report idle instead of online."`

	serverSettings `embed:""`
}

// Run keeps the device alive until ctx ends, and then signs it out.
func (c *beatCommand) Run(ctx context.Context, t terminal) error {
	device := c.Device
	if device == "" {
		device = hostDevice()
	}
	if err := shard.ValidateDevice(device); err != nil {
		return fmt.Errorf("--device: %w", err)
	}
	activity := presence.Online
	if c.Idle {
		activity = presence.Idle
	}
	return c.keep(ctx, presence.Config{Device: device, Activity: activity}, nil, func(event presence.Event) {
		switch e := event.(type) {
		case presence.Welcome:
			tellConnection(t, event)
			fmt.Fprintf(t.out, "device %s is %s, a heartbeat every %s\n", e.Device, activity, e.HeartbeatInterval)
		case presence.Self:
			state := strings.TrimRight(dot(e.State, t.colourful()), " ")
			fmt.Fprintf(t.out, "you are %s (override: %s)%s\n", state, e.Override, besides(&e, time.Now()))
		default:
			tellConnection(t, event)
		}
	})
}

// besides is what else a participant is told of itself.
func besides(e *presence.Self, now time.Time) (words string) {
	if end := until(e.OverrideUntil, now); end != "" {
		words = end
	}
	if len(e.Busy) > 0 {
		words += ", busy by " + strings.Join(e.Busy, " and ")
	}
	if e.Status != nil {
		words += "; you say: " + wordsOf(e.Status) + until(e.Status.Until, now)
	}
	return words
}

// hostDevice is a device id that stays the same on one machine.
func hostDevice() string {
	host, err := os.Hostname()
	if device := "cli-" + host; err == nil && shard.ValidateDevice(device) == nil {
		return device
	}
	return "cli"
}
