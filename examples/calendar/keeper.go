package main

import (
	"context"
	"strings"
	"time"

	"github.com/scaiwave/presence/client/presence"
	"github.com/scaiwave/presence/examples/calendar/busy"
)

// retry is the pause after a claim that Presence didn't take.
const retry = 10 * time.Second

// keeper keeps the claim of one person.
type keeper struct {
	*settings
	feed   feed
	blocks []busy.Block // by the last reading
	held   time.Time    // until when the claim stands, as far as this process knows
	sure   bool         // that it does: one from before a restart isn't known of
	readAt time.Time    // when to read the feed next
}

func newKeeper(s *settings, p person) *keeper {
	return &keeper{settings: s, feed: feed{person: p}}
}

func (k *keeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		if !time.Now().Before(k.readAt) {
			k.read(ctx)
		}
		now := time.Now()
		timer := time.NewTimer(min(k.act(ctx, now), k.readAt.Sub(now)))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// read reads the feed. One that fails counts on as it was, for a while.
func (k *keeper) read(ctx context.Context) {
	select {
	case k.reads <- struct{}{}:
	case <-ctx.Done():
		return
	}
	err := k.feed.read(ctx, k.settings)
	<-k.reads
	now := time.Now()
	k.readAt = now.Add(k.every)
	if err != nil {
		if ctx.Err() == nil {
			k.logger.Warn("can't read the calendar", "participant", k.feed.person.id, "error", brief(err))
		}
		return
	}
	k.blocks, err = k.feed.calendar.Blocks(now, now.Add(k.trust+k.every+k.hold))
	if faults := k.feed.calendar.Faults(); len(faults) > 0 {
		err = faults[0]
	}
	if err != nil {
		k.logger.Info("passed over events", "participant", k.feed.person.id, "error", brief(err))
	}
}

const maxBlame = 300 // bytes

// brief is what an error says, or the beginning of that: what it blames may be most of a feed.
func brief(err error) string {
	text := err.Error()
	if len(text) > maxBlame {
		text = strings.ToValidUTF8(text[:maxBlame], "") + " …"
	}
	return text
}

// act claims what is to be claimed, and returns how long nothing more is to be done.
//
// Of a calendar that was never read nothing is known: a claim from before a restart ends by itself.
func (k *keeper) act(ctx context.Context, now time.Time) time.Duration {
	if k.feed.calendar == nil {
		return forever
	}
	step := plan(k.ahead(now), now, k.held, k.sure, k.hold)
	if !step.call {
		return step.wait
	}
	if err := k.claim(ctx, step.until); err != nil {
		if ctx.Err() == nil {
			k.logger.Warn("can't tell Presence", "participant", k.feed.person.id, "error", err)
		}
		return retry
	}
	k.held, k.sure = step.until, true
	return k.act(ctx, now)
}

// ahead are the times of being busy from now on.
func (k *keeper) ahead(now time.Time) []busy.Block {
	if now.Sub(k.feed.readAt) > k.trust {
		return nil
	}
	for len(k.blocks) > 0 && !k.blocks[0].Until.After(now) {
		k.blocks = k.blocks[1:]
	}
	return k.blocks
}

// claim tells Presence until when. The zero time ends it.
func (k *keeper) claim(ctx context.Context, until time.Time) error {
	if until.IsZero() {
		return k.api.EndClaim(ctx, k.feed.person.id, k.source)
	}
	return k.api.Claim(ctx, k.feed.person.id, k.source, presence.End{Until: until})
}

// step is what to do next: to claim, with an end or without one, or to wait.
type step struct {
	call  bool
	until time.Time
	wait  time.Duration
}

// forever is until the feed is read again.
const forever = 24 * time.Hour

// plan compares what the calendar says with the claim that is held. Blocks end later than now.
//
// A claim is renewed when half of it is over, and made again with its true end when the calendar
// has shortened the event. It isn't touched at the event's end, since it ends then by itself.
func plan(blocks []busy.Block, now, held time.Time, sure bool, hold time.Duration) step {
	stands := !sure || held.After(now)
	if len(blocks) == 0 || blocks[0].From.After(now) {
		switch {
		case stands:
			return step{call: true}
		case len(blocks) == 0:
			return step{wait: forever}
		}
		return step{wait: blocks[0].From.Sub(now)}
	}
	end := blocks[0].Until
	if !sure || !held.After(now) || held.After(end) || held.Before(end) && held.Sub(now) <= hold/2 {
		return step{call: true, until: earlier(end, now.Add(hold))}
	}
	if held.Equal(end) {
		return step{wait: end.Sub(now)}
	}
	return step{wait: held.Sub(now) - hold/2}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
