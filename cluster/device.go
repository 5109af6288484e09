package cluster

import (
	"context"

	"github.com/scaiwave/presence/shard"
)

// Attach gives a device to a new session, for the socket that has just said hello. A socket that had the device is
// evicted.
func (n *Node) Attach(ctx context.Context, participant, device string, a shard.Activity) (*Attachment, error) {
	if err := refused(ctx); err != nil {
		return nil, err
	}
	handle, session, outcome := n.host.Attach(participant, device, a)
	if err := errorOf(outcome); err != nil {
		return nil, err
	}
	return &Attachment{Participant: participant, Device: device, Activity: a, Session: session, handle: handle}, nil
}

// Beat is a sign of life of a socket's device. After ErrReplaced or ErrGone the socket must close and not beat again.
func (n *Node) Beat(ctx context.Context, at *Attachment, a shard.Activity) error {
	outcome := n.host.Beat(at.handle, a)
	if outcome == shard.Moved {
		at.handle, outcome = n.host.Announce(at.Participant, at.Device, a, at.Session)
	}
	if outcome == shard.Done {
		at.Activity = a
	}
	return errorOf(outcome)
}

// Detach says that a socket was closed by its client without a goodbye: the device lingers.
func (n *Node) Detach(ctx context.Context, at *Attachment) error {
	return errorOf(n.host.Detach(at.Participant, at.Device, at.Session))
}

// Goodbye signs a socket's device out. ErrReplaced or ErrGone: the device was no longer this socket's.
func (n *Node) Goodbye(ctx context.Context, at *Attachment) error {
	return errorOf(n.host.Goodbye(at.Participant, at.Device, at.Session))
}

// Heartbeats applies signs of life by name. errs has the length of beats; errs[i] becomes nil or says why the i-th was
// refused.
func (n *Node) Heartbeats(ctx context.Context, beats []Heartbeat, errs []error) {
	outcomes := make([]shard.Outcome, len(beats))
	n.host.Heartbeats(beats, outcomes)
	for i, o := range outcomes {
		errs[i] = errorOf(o)
	}
}

// SignOut signs a device out, whichever socket holds it, and has that socket closed. No error also when it was gone.
func (n *Node) SignOut(ctx context.Context, participant, device string) error {
	if err := refused(ctx); err != nil {
		return err
	}
	return errorOf(n.host.SignOut(participant, device))
}
