package host

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// ask asks about ids, and for each about viewers.
func ask(ids []string, viewers ...string) []Question {
	keys := make([]shard.Viewer, len(viewers))
	for i, v := range viewers {
		keys[i] = new(shard.Settings).Viewer(v)
	}
	all := make([]Question, len(ids))
	for i, id := range ids {
		all[i] = Question{ID: id, Viewers: keys}
	}
	return all
}

func watch(h *Host, id SinkID, ids ...string) ([]shard.View, []Answer) {
	sights := make([]Sight, len(ids))
	h.Watch(id, ask(ids), sights, func() {})
	return parts(sights)
}

func glimpse(h *Host, ids ...string) ([]shard.View, []Answer) {
	sights := make([]Sight, len(ids))
	h.Glimpse(ask(ids), sights)
	return parts(sights)
}

func parts(sights []Sight) (views []shard.View, answers []Answer) {
	for _, s := range sights {
		views, answers = append(views, s.View), append(answers, s.Answer)
	}
	return views, answers
}

// heard is a sink that remembers updates, and what it was told last of each viewer.
type heard struct {
	notebook
	updates []Update
	said    map[uint64]Word // by viewer
}

func (s *heard) Deliver(updates []Update) {
	s.updates = append(s.updates, updates...)
	for _, u := range updates {
		for _, w := range u.Words {
			s.said[w.Viewer.Hash] = w
		}
	}
}

// TestWords: a gateway hears of an exception that begins or ends, whether the participant hides or
// not, and not of a window that is renewed.
func TestWords(t *testing.T) {
	for _, o := range []shard.Override{shard.OverrideAuto, shard.OverrideAppearOffline} {
		inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
			s := &heard{said: make(map[uint64]Word)}
			id, err := h.AddSink(s)
			if err != nil {
				t.Fatal(err)
			}
			h.Attach("ada", "tab", shard.ActivityOnline)
			h.SetOverride("ada", o)
			watch(h, id, "ada")
			at := time.Now().UnixMilli()
			h.OpenWindow("ada", "ben", at)
			synctest.Wait()
			if w := s.said[h.Viewer("ben").Hash]; w.Trust != shard.Excepted || len(s.updates) != 1 {
				t.Fatalf("%v: told %+v", o, s.updates)
			}
			h.OpenWindow("ada", "ben", at+1)
			synctest.Wait()
			if len(s.updates) != 1 {
				t.Errorf("%v: told of a renewal: %+v", o, s.updates[1:])
			}
			sights := make([]Sight, 1)
			h.Watch(id, ask([]string{"ada"}, "cleo", "ben"), sights, func() {})
			if sights[0].Trusts != (shard.Trusts{uint64(shard.Excepted) << 2}) ||
				sights[0].View.Order < s.said[h.Viewer("ben").Hash].Order {
				t.Errorf("%v: answered %+v after %+v", o, sights[0], s.said)
			}
			time.Sleep(DefaultSettings().DMWindow + time.Second)
			synctest.Wait()
			if w := s.said[h.Viewer("ben").Hash]; w.Trust != shard.Stranger || w.Order <= sights[0].View.Order {
				t.Errorf("%v: told of the end: %+v", o, w)
			}
		})
	}
}

// TestTooManyWords: beyond what is kept of an id, or of all, the gateway is told to ask.
func TestTooManyWords(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		o := newOutbox(&heard{}, &h.counters.askedAnew)
		for i := range maxWords {
			o.putWord("ada", Word{Viewer: h.Viewer(fmt.Sprint(i))})
			o.putWord("ada", Word{Viewer: h.Viewer(fmt.Sprint(i)), Trust: shard.Excepted})
		}
		if u := o.updates["ada"]; u.Ask || len(u.Words) != maxWords || u.Words[0].Trust != shard.Excepted {
			t.Fatalf("%d words, ask %t", len(u.Words), u.Ask)
		}
		o.putWord("ada", Word{Viewer: h.Viewer("one more")})
		o.put("ada", shard.View{Public: shard.Idle})
		if u := o.updates["ada"]; !u.Ask || len(u.Words) > 0 || u.View.Public != shard.Idle || o.words != 0 {
			t.Fatalf("%d words, ask %t, of all %d", len(u.Words), u.Ask, o.words)
		}
		for i := range maxWordsInAll + 1 {
			o.putWord(fmt.Sprint(i), Word{Viewer: h.Viewer("ben")})
		}
		if o.words != maxWordsInAll || h.Stats().AskedAnew != 2 {
			t.Errorf("%d words are kept, %d times asked anew", o.words, h.Stats().AskedAnew)
		}
	})
}

// TestOlderWordsComeFirst: what had changed before an answer is told before it.
func TestOlderWordsComeFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ SinkID, _ *notebook) {
		s := &heard{said: make(map[uint64]Word)}
		id, err := h.AddSink(s)
		if err != nil {
			t.Fatal(err)
		}
		watch(h, id, "ada")
		for range 100 {
			h.OpenWindow("ada", fmt.Sprint(len(s.said)), time.Now().UnixMilli())
			told := -1
			h.Watch(id, ask([]string{"ada"}), make([]Sight, 1), func() { told = len(s.said) })
			if told != len(s.said) || told == 0 {
				t.Fatalf("%d of %d words came before the answer", told, len(s.said))
			}
		}
	})
}
