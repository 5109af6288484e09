package watch

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// What an owner pushes to a gateway, as it is taken and as it is written. The reader of the owner's
// connection calls the first three: they don't wait.

// Updates takes changes, one after the other.
func (f *Feed) Updates(from link.Name, payload []byte, as Form) error {
	d := message.NewReader(payload)
	var updates []host.Update
	for d.Left() > 0 {
		updates = append(updates, readUpdate(d, as))
	}
	if err := d.End(); err != nil {
		return err
	}
	f.deliver(from, updates)
	return nil
}

// Eviction takes the names of sockets that have lost their device.
func (f *Feed) Eviction(payload []byte) error {
	d := message.NewReader(payload)
	e := readEviction(d)
	if err := d.End(); err != nil {
		return err
	}
	f.sink.Evict(e)
	return nil
}

// Moved takes the numbers of partitions that the owner tells of no longer.
func (f *Feed) Moved(payload []byte) error {
	d := message.NewReader(payload)
	partitions := d.Partitions(f.Partitions)
	if err := d.End(); err != nil {
		return err
	}
	f.renew(partitions...)
	return nil
}

// appendUpdates writes the first of updates, as many as fit into one push, and returns how many
// those are.
func appendUpdates(updates []host.Update, as Form) (b []byte, n int) {
	for ; n < len(updates) && len(b) < maxMessage; n++ {
		b = appendUpdate(b, &updates[n], as)
	}
	return b, n
}

func appendUpdate(b []byte, u *host.Update, as Form) []byte {
	b = appendView(codec.AppendText(b, u.ID), &u.View, as)
	b = append(b, message.Bool(u.Ask), byte(len(u.Words)))
	for _, w := range u.Words {
		b = append(message.AppendUint64(b, w.Viewer.Hash), byte(w.Trust))
		b = message.AppendUint64(b, w.Order)
	}
	return b
}

func readUpdate(d *message.Reader, as Form) (u host.Update) {
	u.ID, u.View, u.Ask = d.Participant(), readView(d, as), d.Byte() == 1
	for range int(d.Byte()) {
		w := host.Word{Viewer: shard.Viewer{Hash: d.Uint64()}}
		w.Trust = shard.Trust(d.OneOf(int(shard.Denied)+1, "trust"))
		if w.Order = d.Uint64(); d.Err() != nil {
			break
		}
		u.Words = append(u.Words, w)
	}
	return u
}

func appendEviction(b []byte, e host.Eviction) []byte {
	b = codec.AppendText(codec.AppendText(b, e.Participant), e.Device)
	return append(message.AppendUint64(b, uint64(e.Below)), byte(e.Reason))
}

func readEviction(d *message.Reader) host.Eviction {
	return host.Eviction{
		Participant: d.Participant(), Device: d.Device(),
		Below: shard.Version(d.Uint64()), Reason: host.EvictReason(d.Byte()),
	}
}
