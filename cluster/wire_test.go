package cluster

import (
	"reflect"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// FuzzMessages gives a node what a peer could send. Whatever comes is answered or refused, and changes nothing that must hold.
func FuzzMessages(f *testing.F) {
	peer := link.Name{ID: "n1", Boot: "1"}
	person := append(appendText(appendText(nil, "ada"), "tab"), 1)
	f.Add(opAttach, person)
	f.Add(opAnnounce, append(appendUint64(person, 7), make([]byte, 9)...))
	f.Add(opFlip, append(appendHandle(nil, host.Handle{Partition: 3}), 1))
	f.Add(opOverride, append(appendText(nil, "ada"), 2))
	f.Add(opWindow, appendUint64(appendText(appendText(nil, "ada"), "ben"), 5))
	f.Add(opStates, appendTexts(appendText(nil, "ben"), []string{"ada", "cleo"}))
	f.Add(opHeartbeats, append(appendUint32(nil, 1), person...))
	f.Add(opFigures, []byte(nil))
	f.Add(opHoldings, appendUint64(nil, 9))
	f.Add(opTake, appendBytes(appendUint16(appendUint64(nil, 9), 1), []byte{1, 2}))
	f.Add(opReplicate, appendBytes(append(appendUint16(appendUint32(appendUint64(nil, 1), 1), 1), 1), []byte{1, 0, 0}))
	f.Add(opSettled, appendPartitions(nil, []int{1, 2}))
	f.Add(opUpdates, appendUpdate(nil, &someUpdate))
	request, _ := appendQuestions(someQuestions)
	f.Add(opGlimpse, request)
	f.Add(opEviction, append(appendUint64(person[:8:8], 1), 1))
	f.Add(opMoved, appendPartitions(nil, []int{3}))
	f.Add(opExceptions, make([]byte, 2*exceptionSize))
	n := stillNode(f)
	n.SetSink(newNotebook())
	for p := range 2 { // the others it doesn't serve
		n.host.Serve(p)
	}
	f.Fuzz(func(t *testing.T, op byte, payload []byte) {
		switch op {
		case opUpdates:
			_ = n.feed.takeUpdates(peer, payload)
		case opEviction:
			_ = n.feed.takeEviction(payload)
		case opMoved:
			_ = n.feed.takeMoved(payload)
		case opExceptions:
			n.takeExceptions(payload)
		default:
			_, _ = n.answer(t.Context(), peer, op, payload)
		}
		if err := n.host.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

var (
	someView   = shard.View{Public: shard.Idle, Inner: shard.Busy, Self: shard.AppearOffline, Override: 2, Version: 77, Order: 5}
	someUpdate = Update{ID: "ada", View: someView, Words: []Word{{Viewer: "ben", Excepted: true, Order: 4}, {Viewer: "cleo", Order: 6}}}

	someQuestions = []Question{
		{ID: "ada", Viewers: []shard.Key{shard.KeyOf("ben"), shard.KeyOf("cleo")}},
		{ID: "ben", Viewers: []shard.Key{}},
		{ID: "cleo", Viewers: []shard.Key{shard.KeyOf("ben")}},
	}
)

func TestMessagesComeBack(t *testing.T) {
	d := &decoder{b: appendUpdate(nil, &someUpdate)}
	if got := d.update(); d.end() != nil || !reflect.DeepEqual(got, someUpdate) {
		t.Errorf("update %+v came back as %+v, %v", someUpdate, got, d.end())
	}
	request, n := appendQuestions(someQuestions)
	d = &decoder{b: request}
	if got := d.questions(); d.end() != nil || n != len(someQuestions) || !reflect.DeepEqual(got, someQuestions) {
		t.Errorf("%d questions %+v came back as %+v, %v", n, someQuestions, got, d.end())
	}
	for viewers := range shard.MaxViewers + 1 {
		sight := Sight{View: someView, Excepted: 0xdead_beef_dead_beef & (1<<viewers - 1), Answer: host.Warming}
		d = &decoder{b: appendSight(nil, &sight, viewers)}
		if got := d.sight(viewers); d.end() != nil || got != sight {
			t.Errorf("of %d viewers %+v came back as %+v, %v", viewers, sight, got, d.end())
		}
	}
	record := Record{State: shard.Idle, Self: shard.Busy, Override: 1, Devices: []Device{{ID: "tab", Activity: 1}}}
	d = &decoder{b: appendRecord(nil, &record)}
	if got := d.record(); d.end() != nil || !reflect.DeepEqual(got, record) {
		t.Errorf("record %+v came back as %+v, %v", record, got, d.end())
	}
}

// TestDecoderTakesNoMemoryForClaims: a count is believed as far as bytes have come.
func TestDecoderTakesNoMemoryForClaims(t *testing.T) {
	d := &decoder{b: appendUint32(nil, 1<<31-1)}
	if got := d.participants(); len(got) > 0 || d.end() == nil {
		t.Errorf("%d participants from four bytes, %v", len(got), d.end())
	}
}
