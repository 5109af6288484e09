package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

// batchCalls are the calls that take a list of items, each with a good item and bad values in one.
var batchCalls = []struct {
	path, list, good string
	bad              []string // items, and what is said of them
}{
	{
		path: "/v1/heartbeats", list: "heartbeats",
		good: `{"participant_id":"a","device_id":"d","activity":"idle"}`,
		bad: []string{
			`{"participant_id":7,"device_id":"d","activity":"idle"}`, `/1/participant_id\" must be a string`,
			`{"participant_id":"a","device_id":["d"],"activity":"idle"}`, `/1/device_id\" must be a string`,
			`{"participant_id":"a","device_id":"d","activity":null}`, `/1/activity\" is null`,
		},
	},
	{
		path: "/v1/direct-messages", list: "direct_messages", good: `{"participants":["a","b"]}`,
		bad: []string{
			`{"participants":"a,b"}`, `/1/participants\" must be an array`,
			`{"participants":["a",{"id":"b"}]}`, `/1/participants/1\" must be a string`,
			`{"participants":["a",null]}`, `/1/participants/1\" is null`,
			`{"participants":["a","b"],"at":1764000000}`, `/1/at\" must be a string`,
			`{"participants":["a","b"],"at":null}`, `/1/at\" is null`,
		},
	},
	{
		path: "/v1/visibility", list: "edges", good: `{"participant_id":"a","viewer":"b","allow":true,"expires_in":9}`,
		bad: []string{
			`{"participant_id":7,"viewer":"b","allow":true}`, `/1/participant_id\" must be a string`,
			`{"participant_id":"a","viewer":null,"allow":true}`, `/1/viewer\" is null`,
			`{"participant_id":"a","viewer":"b","allow":"yes"}`, `/1/allow\" must be true or false`,
			`{"participant_id":"a","viewer":"b","allow":1}`, `/1/allow\" must be true or false`,
			`{"participant_id":"a","viewer":"b","allow":true,"expires_in":1.5}`, `/1/expires_in\" must be a whole number`,
			`{"participant_id":"a","viewer":"b","allow":true,"expires_in":1e99}`, `/1/expires_in\" must be a whole number`,
			`{"participant_id":"a","viewer":"b","allow":true,"expires_at":5}`, `/1/expires_at\" must be a string`,
		},
	},
}

// A bad item is rejected by itself, whatever is bad about it, in each call that takes a list of them.
func TestBadItemsAreRejectedAlone(t *testing.T) {
	g := newGate(t)
	for _, c := range batchCalls {
		bad := append(c.bad[:len(c.bad):len(c.bad)],
			`7`, `/1\" must be an object`, `[]`, `/1\" must be an object`, `null`, `/1\" is null`)
		for i := 0; i < len(bad); i += 2 {
			body := fmt.Sprintf(`{%q:[%s,%s,%s]}`, c.list, c.good, bad[i], c.good)
			a := g.do("POST", c.path, "backend|s", body).want(200, "")
			want := `{"accepted":2,"rejected":[{"index":1,"code":"bad_request","message":"field \"/` + c.list + bad[i+1]
			if !strings.HasPrefix(a.body, want) {
				t.Errorf("%s: %s; want %s", body, a.body, want)
			}
		}
	}
}

// What its caller can't have meant refuses a batch as a whole: nothing of it is done.
func TestBrokenBatchesAreRefused(t *testing.T) {
	g := newGate(t)
	for _, c := range batchCalls {
		head := fmt.Sprintf(`{%q:[%s,%s`, c.list, c.good, c.bad[0])
		unknown := strings.TrimSuffix(c.good, "}") + `,"x":1}`
		twice := strings.TrimSuffix(c.good, "}") + "," + c.good[1:]
		for end, detail := range map[string]string{
			"": "too early", "]": "too early", ",]}": "not JSON", "]}]": "not JSON", `],"x":[]}`: "unknown field",
			"," + unknown + "]}": `unknown field "x" in "/` + c.list + `/2"`, "," + twice + "]}": "is there twice",
			",\"\xff\"]}": "UTF-8",
		} {
			g.do("POST", c.path, "backend|s", head+end).problem(wire.BadRequest, detail)
		}
		g.do("POST", c.path, "backend|s", `{"`+c.list+`":null}`).problem(wire.BadRequest, c.list+" is missing")
		g.do("POST", c.path, "backend|s", `null`).problem(wire.BadRequest, c.list+" is missing")
	}
	if len(g.node.visible.edges) > 0 {
		t.Errorf("edges of refused batches: %v", g.node.visible.edges)
	}
	g.do("GET", "/v1/presence?ids=a", "v", "").want(200, `{"a":"offline"}`)
}
