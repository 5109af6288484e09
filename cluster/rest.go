package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Touch is a sign of life of a socket's device that says nothing of its activity: the answer to a
// ping. A heartbeat that came without the socket keeps the last word.
func (n *Node) Touch(ctx context.Context, at *Attachment) error {
	if err := at.take(ctx); err != nil {
		return err
	}
	defer at.give()
	o, err := n.touch(ctx, at)
	if err != nil || stale(o) {
		o, err = n.announce(ctx, at, at.Activity())
	}
	if err != nil {
		return err
	}
	return errorOf(o)
}

func (n *Node) touch(ctx context.Context, at *Attachment) (shard.Outcome, error) {
	if at.owner != n.name {
		return n.beat(ctx, at, at.Activity()) // it goes without the activity, which is the same
	}
	handles, outcomes := [1]host.Handle{at.handle}, [1]shard.Outcome{}
	n.host.Touch(handles[:], outcomes[:])
	return outcomes[0], nil
}

// stale reports whether a handle is answered so that the device has to be announced again.
func stale(o shard.Outcome) bool { return o == shard.Moved || o == shard.NotMine }

// Rest is Touch of a device whose socket only answers pings: nobody is there. It becomes idle until
// its next heartbeat. rested is false if its owner had one lately by HTTP: then it stays as it is.
func (n *Node) Rest(ctx context.Context, at *Attachment) (rested bool, err error) {
	if err := at.take(ctx); err != nil {
		return false, err
	}
	defer at.give()
	o, err := n.rest(ctx, at)
	if err != nil || stale(o) {
		if o, err = n.announce(ctx, at, at.Activity()); err == nil && o == shard.Done {
			o, err = n.rest(ctx, at)
		}
	}
	switch {
	case err != nil:
		return false, err
	case o == shard.Attended:
		return false, nil
	case o == shard.Done:
		at.activity.Store(uint32(shard.ActivityIdle)) // with which it is announced again
	}
	return o == shard.Done, errorOf(o)
}

func (n *Node) rest(ctx context.Context, at *Attachment) (shard.Outcome, error) {
	v := n.view.Load()
	place, ok := v.OwnerPlace(int(at.handle.Partition))
	switch {
	case !ok || v.Members[place].Name != at.owner:
		return shard.Moved, nil
	case at.owner == n.name:
		return n.restHere(ctx, at.handle), nil
	}
	ctx, cancel := call.ShortWrite(ctx, at.owner)
	defer cancel()
	return n.ask(ctx, at.owner, message.OpRest, message.AppendHandle(nil, at.handle), nil)
}

func (n *Node) restHere(ctx context.Context, handle host.Handle) shard.Outcome {
	o, changed := n.host.Rest(handle)
	if changed {
		n.flipped(ctx, int(handle.Partition))
	}
	return o
}

func (n *Node) answerRest(ctx context.Context, d *message.Reader) ([]byte, error) {
	handle := d.Handle()
	if err := d.End(); err != nil {
		return nil, err
	}
	return []byte{byte(n.restHere(ctx, handle))}, nil
}
