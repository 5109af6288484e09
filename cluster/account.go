package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Account reads all that is known of a participant.
func (n *Node) Account(ctx context.Context, participant string) (a Account, err error) {
	_, err = n.read(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (o shard.Outcome, err error) {
		if at == n.name {
			known, ok := n.host.Account(participant)
			if a = known; !ok {
				return shard.NotMine, nil
			}
			return shard.Done, nil
		}
		err = n.call(ctx, at, link.Bulk, opAccount, appendText(nil, participant), func(reply []byte) error {
			d := decoder{b: reply}
			o, a = shard.Outcome(d.byte()), d.account()
			return d.end()
		})
		return o, err
	})
	return a, err
}

func (n *Node) answerAccount(d *decoder) ([]byte, error) {
	participant := d.participant()
	if err := d.end(); err != nil {
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
	b = appendUint32(b, len(a.Devices))
	for _, d := range a.Devices {
		b = append(appendText(b, d.ID), byte(d.Standing), byte(d.Activity))
		b = appendTime(appendTime(b, d.LastSeen), d.Since)
	}
	b = appendUint32(b, len(a.Windows))
	for _, w := range a.Windows {
		b = appendTime(appendTime(appendText(b, w.Peer), w.At), w.End)
	}
	return b
}

func (d *decoder) account() (a Account) {
	a.Override, a.OverrideAt, a.ShownSeen = shard.Override(d.byte()), d.time(), d.time()
	a.Kind, a.KindAt, a.LastSeen = shard.Kind(d.byte()), d.time(), d.time()
	for range d.count(1 + 1 + 1 + 8 + 8) {
		a.Devices = append(a.Devices, host.KeptDevice{
			ID: d.text(), Standing: shard.Standing(d.byte()), Activity: shard.Activity(d.byte()), LastSeen: d.time(), Since: d.time(),
		})
	}
	for range d.count(1 + 8 + 8) {
		a.Windows = append(a.Windows, host.KeptWindow{Peer: d.text(), At: d.time(), End: d.time()})
	}
	return a
}
