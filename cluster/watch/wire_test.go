package watch

import (
	"reflect"
	"testing"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

var (
	someView = shard.View{
		Public: shard.Idle, Inner: shard.Busy, Self: shard.AppearOffline, Override: 2, Version: 77, Order: 5,
	}
	someUpdate = host.Update{
		ID: "ada", View: someView, Ask: true,
		Words: []host.Word{{Viewer: "ben", Excepted: true, Order: 4}, {Viewer: "cleo", Order: 6}},
	}
	someEviction  = host.Eviction{Participant: "ada", Device: "tab", Below: 5, Reason: host.EvictSignedOut}
	someQuestions = []host.Question{
		{ID: "ada", Viewers: []shard.Viewer{viewerOf("ben"), viewerOf("cleo")}},
		{ID: "ben", Viewers: []shard.Viewer{}},
		{ID: "cleo", Viewers: []shard.Viewer{viewerOf("ben")}},
	}
)

// FuzzMessages gives both sides what a peer could send. Whatever comes is answered or refused, and
// changes nothing that must hold.
func FuzzMessages(f *testing.F) {
	f.Add(message.OpUpdates, appendUpdate(nil, &someUpdate))
	f.Add(message.OpEviction, appendEviction(nil, someEviction))
	f.Add(message.OpMoved, message.AppendPartitions(nil, []int{3}))
	f.Add(message.OpUnwatch, message.AppendTexts(nil, []string{"ada"}))
	request, _ := appendQuestions(someQuestions)
	f.Add(message.OpGlimpse, request)
	s := newStage(f)
	gateways := NewGateways(s.host, nil)
	f.Fuzz(func(t *testing.T, op byte, payload []byte) {
		switch op {
		case message.OpUpdates:
			_ = s.Updates(named("n0"), payload)
		case message.OpEviction:
			_ = s.Eviction(payload)
		case message.OpMoved:
			_ = s.Moved(payload)
		case message.OpUnwatch:
			_ = gateways.Unwatch(nil, payload)
		case message.OpGlimpse:
			_, _ = gateways.Glimpse(message.NewReader(payload))
		}
		if err := s.host.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMessagesComeBack(t *testing.T) {
	d := message.NewReader(appendUpdate(nil, &someUpdate))
	if got := readUpdate(d); d.End() != nil || !reflect.DeepEqual(got, someUpdate) {
		t.Errorf("update %+v came back as %+v, %v", someUpdate, got, d.End())
	}
	d = message.NewReader(appendEviction(nil, someEviction))
	if got := readEviction(d); d.End() != nil || got != someEviction {
		t.Errorf("eviction %+v came back as %+v, %v", someEviction, got, d.End())
	}
	request, n := appendQuestions(someQuestions)
	got, err := readRequest(message.NewReader(request), viewerOf)
	if err != nil || !reflect.DeepEqual(got, someQuestions) {
		t.Errorf("%d questions of %+v came back as %+v, %v", n, someQuestions, got, err)
	}
	for viewers := range shard.MaxViewers + 1 {
		asked := []host.Question{{Viewers: make([]shard.Viewer, viewers)}}
		want := host.Sight{View: someView, Excepted: 0xdead_beef_dead_beef & (1<<viewers - 1), Answer: host.Warming}
		got := make([]host.Sight, 1)
		if err := readSights(appendSights(asked, []host.Sight{want}), asked, got); err != nil || got[0] != want {
			t.Errorf("of %d viewers %+v came back as %+v, %v", viewers, want, got[0], err)
		}
	}
}
