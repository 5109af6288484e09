package gateway

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scaiwave/presence/gateway/wire"
)

// scans are bodies with what a scanner could get wrong; the first of each kind must be read by it,
// or nothing is gained.
var beatScans = []string{
	`{"heartbeats":[{"participant_id":"ada","device_id":"tab","activity":"online"}]}`,
	" { \"heartbeats\" : [ {\"activity\": \"idle\",\t\"device_id\": \"tab\", \"participant_id\": \"zoë\"}\n, " +
		"{\"participant_id\":\"x\"}]}\r\n",
	`{"heartbeats":[]}`,
	`{"heartbeats":[{}]}`,
	`{"heartbeats":[{"participant_id":""}]}`,
	`{"heartbeats":[{"participant_id":"","participant_id":"a"}]}`,
	`{"heartbeats":[{"participant_id":"a","participant_id":"a"}]}`,
	`{"heartbeats":[{"participant_id":"a"}],"heartbeats":[]}`,
	`{"heartbeats":[{"participant_id":"a","other":"b"}]}`,
	`{"heartbeats":[{"participant_id":"a",}]}`,
	`{"heartbeats":[{"participant_id":"a"},]}`,
	`{"heartbeats":[{"participant_id":"a"}]`,
	`{"heartbeats":[{"participant_id":"a"}]}}`,
	`{"heartbeats":[{"participant_id":"a"}]} x`,
	`{"heartbeats":[{"participant_id":"a"]]}`,
	`{"heartbeats":[{"participant_id" "a"}]}`,
	`{"heartbeats":[{"participant_id":null}]}`,
	`{"heartbeats":[{"participant_id":7}]}`,
	`{"heartbeats":[{"participant_\u0069d":"a\n"}]}`,
	"{\"heartbeats\":[{\"participant_id\":\"a\nb\"}]}",
	"{\"heartbeats\":[{\"participant_id\":\"a\xff\"}]}",
	"{\"heartbeats\":[{\"participant_id\":\"a\x7f\"}]}",
	"\v{\"heartbeats\":[{\"participant_id\":\"a\"}]}",
	"\ufeff{\"heartbeats\":[{\"participant_id\":\"a\"}]}",
	`{"Heartbeats":[{"participant_id":"a"}]}`,
	`{"heartbeats":{"participant_id":"a"}}`,
	`{"heartbeats":[{"participant_id":"a"},{"participant_id":"b"},{"participant_id":"c"},{"participant_id":"d"}]}`,
	`{}`, ``, `{`, `{"`, `{"heartbeats`, `{"heartbeats"`, `{"heartbeats":`, `{"heartbeats":[`,
	`{"heartbeats":[{"participant_id":"`,
}

var queryScans = []string{
	`{"ids":["ada","zoë"]}`,
	" { \"viewer\" : \"grace\" , \"ids\" : [ \"ada\" ,\n\"ada\" ] } ",
	`{"ids":["a"],"viewer":"b","viewer":"c"}`,
	`{"ids":["a"],"ids":["b"]}`,
	`{"ids":["a"],"viewer":""}`,
	`{"ids":["a"],"viewer":null}`,
	`{"ids":["a",null]}`,
	`{"ids":["a",["b"]]}`,
	`{"ids":["a","\ud83d\ude00"]}`,
	`{"ids":["a","\ud83d"]}`,
	`{"ids":["a","b","c"]}`, `{"ids":["a","b","c","d"]}`, `{"ids":["a","b","c","d"],"ids":["a"]}`,
	`{"ids":[""]}`, `{"ids":[]}`, `{"viewer":"a"}`, `{"ids":"a"}`, `{"ids":["a"},`, `{"ids":["a"] "viewer":"b"}`, `{}`,
	``,
	"{\"ids\":[\"a\xc0\xaf\"]}", "{\"ids\":[\"a\x00\"]}", "{\"ids\":[\"a\"]}\x00", "{\"i\u212ads\":[\"a\"]}",
}

// scanMax is what the lists may hold.
const scanMax = 3

func FuzzScanHeartbeats(f *testing.F) {
	for _, s := range beatScans {
		f.Add(s)
	}
	f.Fuzz(checkBeatScan)
}

func FuzzScanQuery(f *testing.F) {
	for _, s := range queryScans {
		f.Add(s)
	}
	f.Fuzz(checkQueryScan)
}

// checkBeatScan fails if the scanner takes what the strict decoder refuses, or reads it otherwise.
// The memory has been used before.
func checkBeatScan(t *testing.T, text string) {
	used := []beat{{"old", "old", "old"}, {"old", "old", "old"}}
	var got, want wire.Batch[beat]
	got.Items, got.Max, want.Max = used[:0], scanMax, scanMax
	if !(&beatsBody{&got}).scan(wire.Scan([]byte(text))) {
		if len(got.Items) > 0 || got.There {
			t.Errorf("%q: given up, but left %+v", text, got)
		}
		return
	}
	if e := wire.DecodeBatch([]byte(text), &beatsBody{&want}, &want); e != nil || want.Wrong != nil {
		t.Fatalf("%q: scanned as %+v, but it is %v, %v", text, got, e, want.Wrong)
	}
	if d := cmp.Diff(want.List, got.List, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%q: %s", text, d)
	}
}

func checkQueryScan(t *testing.T, text string) {
	want := queryBody{IDs: wire.List[string]{Max: scanMax}}
	got := queryBody{IDs: wire.List[string]{Items: []string{"old", "old"}[:0], Max: scanMax}}
	if !got.scan(wire.Scan([]byte(text))) {
		if len(got.IDs.Items) > 0 || got.Viewer != nil {
			t.Errorf("%q: given up, but left %+v", text, got)
		}
		return
	}
	if e := wire.Decode([]byte(text), &want); e != nil {
		t.Fatalf("%q: scanned as %+v, but it is %v", text, got, e)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%q: %s", text, d)
	}
}

// TestScanned says which bodies must not need the decoder: what programs in common languages write.
func TestScanned(t *testing.T) {
	for _, text := range append(beatScans[:2:2], strings.ReplaceAll(beatScans[0], ":", ": ")) {
		if !(&beatsBody{&wire.Batch[beat]{List: wire.List[beat]{Max: scanMax}}}).scan(wire.Scan([]byte(text))) {
			t.Errorf("not scanned: %s", text)
		}
	}
	for _, text := range append(queryScans[:2:2], strings.ReplaceAll(queryScans[0], ",", ", ")) {
		if !(&queryBody{IDs: wire.List[string]{Max: scanMax}}).scan(wire.Scan([]byte(text))) {
			t.Errorf("not scanned: %s", text)
		}
	}
}
