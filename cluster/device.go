package cluster

import (
	"context"
	"errors"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/shard"
)

// Attach gives a device to a new session, for the socket that has just said hello. A socket that
// had the device is evicted.
func (n *Node) Attach(ctx context.Context, participant, device string, a shard.Activity) (*Attachment, error) {
	at := &Attachment{
		Participant: participant, Device: device, partition: n.host.PartitionOf(participant),
		busy: make(chan struct{}, 1),
	}
	at.activity.Store(uint32(a))
	hello := ask.Attach{DeviceOf: at.device(), Activity: a}
	err := n.asker.Write(ctx, &hello)
	if err != nil {
		return nil, err
	}
	at.owner, at.handle, at.Session = hello.Owner, hello.Handle, hello.Session
	n.devices.add(at)
	return at, nil
}

// Beat is a sign of life of a socket's device. After ErrReplaced or ErrGone the socket must close
// and not beat again.
func (n *Node) Beat(ctx context.Context, at *Attachment, a shard.Activity) error {
	if err := at.take(ctx); err != nil {
		return err
	}
	defer at.give()
	return n.devices.beat(ctx, at, a)
}

// Touch is a sign of life of a socket's device that says nothing of its activity: the answer to a
// ping. A heartbeat that came without the socket keeps the last word.
func (n *Node) Touch(ctx context.Context, at *Attachment) error {
	if err := at.take(ctx); err != nil {
		return err
	}
	defer at.give()
	return n.devices.touch(ctx, at)
}

// Rest is Touch of a device whose socket only answers pings: nobody is there. It becomes idle until
// its next heartbeat. rested is false if its owner had one lately by HTTP: then it stays as it is.
func (n *Node) Rest(ctx context.Context, at *Attachment) (rested bool, err error) {
	if err := at.take(ctx); err != nil {
		return false, err
	}
	defer at.give()
	return n.devices.rest(ctx, at)
}

// Detach says that a socket was closed by its client without a goodbye: the device lingers.
func (n *Node) Detach(ctx context.Context, at *Attachment) error {
	n.devices.remove(at)
	return n.asker.Write(ctx, &ask.Detach{SessionOf: at.session()})
}

// Forget says that a socket has ended in another way, as when it was too slow: the device keeps its
// deadline if this session still holds it. This node must not bring it back by itself.
func (n *Node) Forget(at *Attachment) { n.devices.remove(at) }

// Goodbye signs a socket's device out. ErrReplaced or ErrGone: the device was no longer this
// socket's.
func (n *Node) Goodbye(ctx context.Context, at *Attachment) error {
	err := n.asker.Write(ctx, &ask.Goodbye{SessionOf: at.session()})
	if !errors.Is(err, ErrUnavailable) {
		n.devices.remove(at) // else the socket goes on
	}
	return err
}

// SignOut signs a device out, whichever socket holds it, and has that socket closed. No error also
// when it was gone.
func (n *Node) SignOut(ctx context.Context, participant, device string) error {
	return n.asker.Write(ctx, &ask.SignOut{DeviceOf: ask.DeviceOf{Participant: participant, Device: device}})
}
