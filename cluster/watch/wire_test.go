package watch

import (
	"reflect"
	"slices"
	"testing"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

var (
	someView = shard.View{
		Public: shard.Idle, Inner: shard.Busy, Self: shard.AppearOffline, Override: 2, Version: 77, Order: 5,
		Unseen: shard.Online, Closed: true, Doubt: true,
	}
	someUpdate = host.Update{
		ID: "ada", View: someView, Ask: true,
		Words: []host.Word{
			{Viewer: viewerOf("ben"), Trust: shard.Excepted, Order: 4},
			{Viewer: viewerOf("cleo"), Order: 6},
			{Viewer: shard.Viewer{Hash: 5}, Trust: shard.Denied},
		},
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
	f.Add(message.OpTrusts, appendUpdate(nil, &someUpdate, true))
	f.Add(message.OpUpdates, appendUpdate(nil, &someUpdate, false))
	f.Add(message.OpEviction, appendEviction(nil, someEviction))
	f.Add(message.OpMoved, message.AppendPartitions(nil, []int{3}))
	f.Add(message.OpUnwatch, message.AppendTexts(nil, []string{"ada"}))
	request, _ := appendQuestions(someQuestions, true)
	f.Add(message.OpGlimpseTrusts, request)
	s := newStage(f)
	gateways := NewGateways(s.host, nil)
	f.Fuzz(func(t *testing.T, op byte, payload []byte) {
		switch op {
		case message.OpUpdates:
			_ = s.Updates(named("n0"), payload, false)
		case message.OpTrusts:
			_ = s.Updates(named("n0"), payload, true)
		case message.OpEviction:
			_ = s.Eviction(payload)
		case message.OpMoved:
			_ = s.Moved(payload)
		case message.OpUnwatch:
			_ = gateways.Unwatch(nil, payload)
		case message.OpGlimpse:
			_, _ = gateways.Glimpse(message.NewReader(payload), false)
		case message.OpGlimpseTrusts:
			_, _ = gateways.Glimpse(message.NewReader(payload), true)
		}
		if err := s.host.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestMessagesComeBack: full messages, and those for nodes that know of windows alone.
func TestMessagesComeBack(t *testing.T) {
	d := message.NewReader(appendEviction(nil, someEviction))
	if got := readEviction(d); d.End() != nil || got != someEviction {
		t.Errorf("eviction %+v came back as %+v, %v", someEviction, got, d.End())
	}
	for _, full := range []bool{false, true} {
		want := asSent(someUpdate, full)
		d := message.NewReader(appendUpdate(nil, &someUpdate, full))
		if got := readUpdate(d, viewerOf, full); d.End() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("full %v: update %+v came back as %+v, %v", full, want, got, d.End())
		}
		request, n := appendQuestions(someQuestions, full)
		got, err := readRequest(message.NewReader(request), viewerOf, full)
		for i := range got {
			if asked := someQuestions[i]; got[i].ID != asked.ID || !sameViewers(got[i].Viewers, asked.Viewers) {
				t.Errorf("full %v: question %+v came back as %+v, %v", full, asked, got[i], err)
			}
		}
		if n != len(someQuestions) || err != nil {
			t.Errorf("full %v: %d questions came back, %v", full, n, err)
		}
		sightsComeBack(t, full)
	}
}

// asSent is what comes of an update on the other side.
func asSent(u host.Update, full bool) host.Update {
	var words []host.Word
	for _, w := range u.Words {
		switch {
		case full:
			w.Viewer.ID = ""
		case w.Viewer.ID == "":
			continue
		}
		words = append(words, w)
	}
	u.Words = words
	if !full {
		u.View.Unseen, u.View.Closed, u.View.Doubt = shard.Offline, false, false
	}
	return u
}

func sameViewers(a, b []shard.Viewer) bool {
	return slices.EqualFunc(a, b, func(a, b shard.Viewer) bool { return a.Hash == b.Hash })
}

func sightsComeBack(t *testing.T, full bool) {
	t.Helper()
	for viewers := range shard.MaxViewers + 1 {
		asked := []host.Question{{Viewers: make([]shard.Viewer, viewers)}}
		want := host.Sight{View: asSent(host.Update{View: someView}, full).View, Answer: host.Warming}
		for i := range viewers {
			if trust := shard.Trust(i % 3 * 7 % 4); full || trust == shard.Excepted {
				want.Trusts.Set(i, trust)
			}
		}
		got := make([]host.Sight, 1)
		b := appendSights(asked, []host.Sight{want}, full)
		if err := readSights(b, asked, got, full); err != nil || got[0] != want {
			t.Errorf("of %d viewers %+v came back as %+v, %v", viewers, want, got[0], err)
		}
	}
}
