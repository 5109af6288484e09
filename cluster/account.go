package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Account reads all that is known of a participant.
func (n *Node) Account(ctx context.Context, participant string) (a Account, err error) {
	_, err = n.caller.Read(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (o shard.Outcome, err error) {
		if at == n.name {
			known, ok := n.host.Account(participant)
			if a = known; !ok {
				return shard.NotMine, nil
			}
			return shard.Done, nil
		}
		err = n.caller.Call(ctx, at, link.Bulk, message.OpAccount, codec.AppendText(nil, participant), func(reply []byte) error {
			d := message.NewReader(reply)
			o, a = shard.Outcome(d.Byte()), readAccount(d)
			return d.End()
		})
		return o, err
	})
	return a, err
}

func (n *Node) answerAccount(d *message.Reader) ([]byte, error) {
	participant := d.Participant()
	if err := d.End(); err != nil {
		return nil, err
	}
	a, ok := n.host.Account(participant)
	o := shard.Done
	if !ok {
		o = shard.NotMine
	}
	return appendAccount([]byte{byte(o)}, &a), nil
}

func appendAccount(b []byte, a *Account) []byte {
	b = appendTime(appendTime(append(b, byte(a.Override)), a.OverrideAt), a.ShownSeen)
	b = appendTime(appendTime(append(b, byte(a.Kind)), a.KindAt), a.LastSeen)
	b = message.AppendUint32(b, len(a.Devices))
	for _, d := range a.Devices {
		b = append(codec.AppendText(b, d.ID), byte(d.Standing), byte(d.Activity))
		b = appendTime(appendTime(b, d.LastSeen), d.Since)
	}
	b = message.AppendUint32(b, len(a.Windows))
	for _, w := range a.Windows {
		b = appendTime(appendTime(codec.AppendText(b, w.Peer), w.At), w.End)
	}
	return b
}

func readAccount(d *message.Reader) (a Account) {
	a.Override, a.OverrideAt, a.ShownSeen = shard.Override(d.Byte()), readTime(d), readTime(d)
	a.Kind, a.KindAt, a.LastSeen = shard.Kind(d.Byte()), readTime(d), readTime(d)
	for range d.Count(1 + 1 + 1 + 8 + 8) {
		a.Devices = append(a.Devices, host.KeptDevice{
			ID: d.Text(), Standing: shard.Standing(d.Byte()), Activity: shard.Activity(d.Byte()), LastSeen: readTime(d), Since: readTime(d),
		})
	}
	for range d.Count(1 + 8 + 8) {
		a.Windows = append(a.Windows, host.KeptWindow{Peer: d.Text(), At: readTime(d), End: readTime(d)})
	}
	return a
}
