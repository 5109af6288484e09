package socket

import (
	"testing"
	"time"
)

func TestWelcomeSelfAndPresence(t *testing.T) {
	run(t, nil, func(e *env) {
		ann := e.open()
		ann.send(`{"type":"hello","token":"ann","device_id":"tab","req":"1"}`)
		ann.want(
			`{"type":"welcome","participant_id":"ann","device_id":"tab","heartbeat_interval_ms":30000,"node":"node-1","features":["status","visibility","tenants"],"req":"1"}`)
		ann.want(`{"type":"self","state":"online","override":"auto"}`)

		bob := e.join("bob", "")
		bob.send(`{"type":"subscribe","ids":["ann","zoe","ann"],"req":"s"}`)
		bob.want(`{"type":"presence","states":{"ann":"online","zoe":"offline"},"req":"s"}`)
		ann.send(`{"type":"heartbeat","activity":"idle"}`)
		bob.want(`{"type":"presence","states":{"ann":"idle"}}`)
		ann.want(`{"type":"self","state":"idle","override":"auto"}`)
		bob.send(`{"type":"unsubscribe","ids":["ann"],"req":"u"}`)
		bob.want(`{"type":"ok","req":"u"}`)
		ann.send(`{"type":"goodbye","req":"g"}`)
		ann.wantPastSelf(`{"type":"ok","req":"g"}`)
		ann.wantClose(closeNormal)
		bob.quiet(3 * time.Second)
	})
}
