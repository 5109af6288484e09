// What a person writes with the types: go run .
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"models/presence"
)

func main() {
	activity := presence.ActivityIdle
	same(presence.Hello{ReservedType: "hello", Token: "ada", DeviceId: "laptop", Activity: &activity},
		`{"type":"hello","token":"ada","device_id":"laptop","activity":"idle"}`)
	same(presence.QueryMessage{ReservedType: "query", Ids: []string{"grace"}, Req: "1"},
		`{"type":"query","ids":["grace"],"req":"1"}`)
	var told presence.Presence
	must(json.Unmarshal([]byte(`{"type":"presence","states":{"grace":"busy"}}`), &told))
	if told.States["grace"] != presence.StateBusy {
		must(fmt.Errorf("states: %v", told.States))
	}
	fmt.Println("models: the messages are as the contract says")
}

func same(message any, want string) {
	got, err := json.Marshal(message)
	must(err)
	if string(got) != want {
		must(fmt.Errorf("%s, not %s", got, want))
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
