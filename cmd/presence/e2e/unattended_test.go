package e2e

import (
	"testing"
	"time"
)

// TestUnattended: a socket that only answers pings leaves its device idle until the next heartbeat.
func TestUnattended(t *testing.T) {
	t.Parallel()
	const after = 500 * time.Millisecond
	s := start(t, "--unattended-after="+after.String(), "--tick=20ms")
	w := s.as("bob").connect(t, "")
	w.watch(t, "ann")
	var ann *socket
	said := signOf(func() { ann = s.as("ann").connect(t, "tab") })
	w.awaitState(t, "ann", "online")
	idle := w.awaitState(t, "ann", "idle")
	said.wantAfter(t, "idle", idle.at, after, 20*time.Millisecond+slack)
	ann.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	w.awaitState(t, "ann", "online")
	w.awaitState(t, "ann", "idle")
	w.wantHistory(t, "ann", "offline", "online", "idle", "online", "idle")
}
