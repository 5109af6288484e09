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
		Sayings: &shard.Sayings{
			PublicStatus: shard.Status{Text: "out"}, InnerStatus: shard.Status{Emoji: "🚆", Until: 9},
			OverrideUntil: 7, Claims: []shard.Claim{{Source: "calendar", Until: 8}},
		},
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
		{ID: "ben", Viewers: []shard.Viewer{}, With: shard.WithStatus},
		{ID: "cleo", Viewers: []shard.Viewer{viewerOf("ben")}},
	}
)

// FuzzMessages gives both sides what a peer could send. Whatever comes is answered or refused, and
// changes nothing that must hold.
func FuzzMessages(f *testing.F) {
	f.Add(message.OpTrusts, appendUpdate(nil, &someUpdate, FormTrusts))
	f.Add(message.OpSayings, appendUpdate(nil, &someUpdate, FormSayings))
	f.Add(message.OpEviction, appendEviction(nil, someEviction))
	f.Add(message.OpMoved, message.AppendPartitions(nil, []int{3}))
	f.Add(message.OpUnwatch, message.AppendTexts(nil, []string{"ada"}))
	request, _ := appendQuestions(someQuestions, FormTrusts)
	f.Add(message.OpGlimpseTrusts, request)
	request, _ = appendQuestions(someQuestions, FormSayings)
	f.Add(message.OpGlimpseSayings, request)
	s := newStage(f)
	gateways := NewGateways(s.host, nil)
	f.Fuzz(func(t *testing.T, op byte, payload []byte) {
		switch op {
		case message.OpTrusts:
			_ = s.Updates(named("n0"), payload, FormTrusts)
		case message.OpSayings:
			_ = s.Updates(named("n0"), payload, FormSayings)
		case message.OpEviction:
			_ = s.Eviction(payload)
		case message.OpMoved:
			_ = s.Moved(payload)
		case message.OpUnwatch:
			_ = gateways.Unwatch(nil, payload)
		case message.OpGlimpseSayings:
			_, _ = gateways.Glimpse(message.NewReader(payload), FormSayings)
		case message.OpGlimpseTrusts:
			_, _ = gateways.Glimpse(message.NewReader(payload), FormTrusts)
		}
		if err := s.host.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestMessagesComeBack: messages of each form.
func TestMessagesComeBack(t *testing.T) {
	d := message.NewReader(appendEviction(nil, someEviction))
	if got := readEviction(d); d.End() != nil || got != someEviction {
		t.Errorf("eviction %+v came back as %+v, %v", someEviction, got, d.End())
	}
	for _, as := range []Form{FormTrusts, FormSayings} {
		want := asSent(someUpdate, as)
		d := message.NewReader(appendUpdate(nil, &someUpdate, as))
		if got := readUpdate(d, as); d.End() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("form %d: update %+v came back as %+v, %v", as, want, got, d.End())
		}
		request, n := appendQuestions(someQuestions, as)
		got, err := readRequest(message.NewReader(request), as)
		for i := range got {
			if asked := someQuestions[i]; got[i].ID != asked.ID || !sameViewers(got[i].Viewers, asked.Viewers) ||
				as.hasSayings() && got[i].With != asked.With {
				t.Errorf("form %d: question %+v came back as %+v, %v", as, asked, got[i], err)
			}
		}
		if n != len(someQuestions) || err != nil {
			t.Errorf("form %d: %d questions came back, %v", as, n, err)
		}
		sightsComeBack(t, as)
	}
}

// asSent is what comes of an update on the other side.
func asSent(u host.Update, as Form) host.Update {
	u.Words = slices.Clone(u.Words)
	for i := range u.Words {
		u.Words[i].Viewer.ID = ""
	}
	if !as.hasSayings() {
		u.View.Sayings = nil
	}
	return u
}

func sameViewers(a, b []shard.Viewer) bool {
	return slices.EqualFunc(a, b, func(a, b shard.Viewer) bool { return a.Hash == b.Hash })
}

func sightsComeBack(t *testing.T, as Form) {
	t.Helper()
	for viewers := range shard.MaxViewers + 1 {
		asked := []host.Question{{Viewers: make([]shard.Viewer, viewers)}}
		want := host.Sight{View: asSent(host.Update{View: someView}, as).View, Answer: host.Warming}
		for i := range viewers {
			want.Trusts.Set(i, shard.Trust(i%3*7%4))
		}
		got := make([]host.Sight, 1)
		b := appendSights(asked, []host.Sight{want}, as)
		if err := readSights(b, asked, got, as); err != nil || !reflect.DeepEqual(got[0], want) {
			t.Errorf("of %d viewers %+v came back as %+v, %v", viewers, want, got[0], err)
		}
	}
}
