package main

import "log/slog"

// warnOfHaste says that devices will be idle between two heartbeats. It isn't refused: who tries
// the setting out wants to see what it does without waiting for minutes.
func (c *serveCommand) warnOfHaste(log *slog.Logger) {
	if c.UnattendedAfter > 0 && c.UnattendedAfter <= c.HeartbeatInterval {
		log.Warn("devices on sockets will be idle between heartbeats: unattended-after is not above heartbeat-interval",
			"after", c.UnattendedAfter, "hint", "3m is the default, and 0 is never")
	}
}
