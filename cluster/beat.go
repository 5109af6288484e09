package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Each method here is called with the attachment taken; see Attachment.take.

// beat goes by handle. Where that doesn't fit any longer, the device is announced by name.
func (s *devices) beat(ctx context.Context, at *Attachment, a shard.Activity) error {
	o, err := s.flip(ctx, at, a)
	if err != nil || stale(o) {
		return s.announce(ctx, at, a)
	}
	if o == shard.Done {
		at.activity.Store(uint32(a))
	}
	return ask.ErrorOf(o)
}

func (s *devices) touch(ctx context.Context, at *Attachment) error {
	var o shard.Outcome
	var err error
	if at.owner == s.asker.Self {
		handles, outcomes := [1]host.Handle{at.handle}, [1]shard.Outcome{}
		s.host.Touch(handles[:], outcomes[:])
		o = outcomes[0]
	} else {
		o, err = s.flip(ctx, at, at.Activity()) // it goes without the activity, which is the same
	}
	if err != nil || stale(o) {
		return s.announce(ctx, at, at.Activity())
	}
	return ask.ErrorOf(o)
}

func (s *devices) rest(ctx context.Context, at *Attachment) (rested bool, err error) {
	o, err := s.restOnce(ctx, at)
	if err != nil || stale(o) {
		if err := s.announce(ctx, at, at.Activity()); err != nil {
			return false, err
		}
		o, err = s.restOnce(ctx, at)
	}
	switch {
	case err != nil:
		return false, err
	case o == shard.Attended:
		return false, nil
	case o == shard.Done:
		at.activity.Store(uint32(shard.ActivityIdle)) // with which it is announced again
	}
	return o == shard.Done, ask.ErrorOf(o)
}

// stale reports whether a handle is answered so that the device has to be announced again.
func stale(o shard.Outcome) bool { return o == shard.Moved || o == shard.NotMine }

// flip is a heartbeat by handle. One that changes nothing goes to another node without an answer:
// exceptions come back by themselves.
func (s *devices) flip(ctx context.Context, at *Attachment, a shard.Activity) (shard.Outcome, error) {
	v := s.views.Load()
	place, ok := v.OwnerPlace(int(at.handle.Partition))
	switch {
	case !ok || v.Members[place].Name != at.owner:
		return shard.Moved, nil
	case at.owner == s.asker.Self:
		return s.asker.Owner.Beat(ctx, at.handle, a), nil
	case a != at.Activity():
		flip := ask.Flip{Handle: at.handle, Activity: a}
		err := s.asker.At(ctx, at.owner, link.Hot, call.ShortWrite, &flip)
		return flip.Outcome, err
	}
	conn := s.asker.Caller.DirectAt(v, place, link.Hot)
	if conn == nil {
		return shard.NotMine, nil
	}
	var space [message.BeatSize]byte
	item := message.AppendUint32(message.AppendHandle(space[:0], at.handle), int(at.token))
	return shard.Done, conn.Pack(message.OpBeats, item)
}

func (s *devices) restOnce(ctx context.Context, at *Attachment) (shard.Outcome, error) {
	if owner, ok := s.views.Load().Owner(int(at.handle.Partition)); !ok || owner != at.owner {
		return shard.Moved, nil
	}
	rest := ask.Rest{Handle: at.handle}
	err := s.asker.At(ctx, at.owner, link.Hot, call.ShortWrite, &rest)
	return rest.Outcome, err
}
