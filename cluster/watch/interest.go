package watch

import (
	"context"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// Watch makes the sink hear of every change of what is asked about from now on, and answers how it
// is now. Watching what is watched already is harmless. sights has the length of questions. It
// returns how many ids nobody could be asked about: of these the Answer is host.Missing, and they
// are asked about again by themselves.
func (f *Feed) Watch(ctx context.Context, questions []host.Question, sights []host.Sight) (unknown int) {
	left := f.Spread(ctx, &Batch{
		Questions: questions, Answers: sights, ID: func(q *host.Question) string { return q.ID },
		Finders: view.Readers, Ask: f.watchAt, Counts: (*host.Sight).Answered,
	})
	for _, i := range left {
		sights[i] = host.Sight{}
		f.renew(f.Host.PartitionOf(questions[i].ID))
	}
	return len(left)
}

// watchAt watches some of them at one node, which may be this one.
func (f *Feed) watchAt(ctx context.Context, at link.Name, questions []host.Question, sights []host.Sight) error {
	if at == f.Self {
		f.Host.Watch(f.local, questions, sights, func() { f.adopt(at, questions, sights) })
	} else if err := f.askAll(ctx, at, questions, sights); err != nil {
		return err
	}
	for i := range questions {
		switch p := f.Host.PartitionOf(questions[i].ID); sights[i].Answer {
		case host.Copied:
			f.renew(p)
		case host.Glimpsed:
			f.renewGlimpsed(p)
		}
	}
	return nil
}

// askAll watches at another node.
func (f *Feed) askAll(ctx context.Context, at link.Name, questions []host.Question, sights []host.Sight) error {
	as := formFor(f.Speaks(at)) // once: a member that joins meanwhile may change it
	for len(questions) > 0 {
		b, n := appendQuestions(questions, as)
		if err := f.askSome(ctx, at, b, as, questions[:n], sights[:n]); err != nil {
			return err
		}
		questions, sights = questions[n:], sights[n:]
	}
	return nil
}

// askSome sends one request, which asks questions in a form.
func (f *Feed) askSome(
	ctx context.Context, at link.Name, request []byte, as Form, questions []host.Question, sights []host.Sight,
) error {
	ctx, cancel := call.ShortRead(ctx, at)
	defer cancel()
	adopt := func(reply []byte) error {
		if err := readSights(reply, questions, sights, as); err != nil {
			return err
		}
		f.adopt(at, questions, sights)
		return nil
	}
	if c := events(f.Views.Load(), at); c != nil {
		return c.Call(ctx, as.op(message.OpWatchTrusts, message.OpWatchSayings), request, adopt)
	}
	glimpse := as.op(message.OpGlimpseTrusts, message.OpGlimpseSayings)
	return f.Call(ctx, at, link.Hot, glimpse, request, adopt)
}

// Unwatch ends the sink's interest in ids. It waits for nobody.
func (f *Feed) Unwatch(ids []string) {
	v := f.Views.Load()
	byOwner := make(map[link.Name][]string)
	for _, id := range ids {
		owner, _ := v.Owner(f.Host.PartitionOf(id))
		byOwner[owner] = append(byOwner[owner], id)
	}
	for owner, ids := range byOwner {
		if owner == f.Self {
			f.Host.Unwatch(f.local, ids)
		} else if p := v.Peer(owner); p != nil {
			if c := p.Conn(link.Events); c != nil { // without one the interest has ended already
				_ = c.Push(message.OpUnwatch, message.AppendTexts(nil, ids))
			}
		}
	}
}

// adopt puts the answers of one node into their epochs.
func (f *Feed) adopt(source link.Name, questions []host.Question, sights []host.Sight) {
	var again, warm []int
	f.mu.Lock()
	// The view is read under the lock. One that was read before could be older than the one by
	// which an answer was asked for that has come first.
	v := f.Views.Load()
	for i := range questions {
		p := f.Host.PartitionOf(questions[i].ID)
		owner, _ := v.Owner(p)
		switch f.epochs.adopt(p, source, owner, &sights[i]) {
		case late:
			again = append(again, p)
		case lost:
			warm = append(warm, p)
		}
	}
	f.mu.Unlock()
	f.renew(again...)
	for _, p := range warm {
		f.Warm(p)
	}
}
