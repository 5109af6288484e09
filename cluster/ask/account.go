package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Account reads all that is known of a participant.
type Account struct {
	Participant string

	result
	Account host.Account

	full bool // with what was said beside the state
}

func (c *Account) form(with int) { c.full = with >= protocol.Statuses }

func (c *Account) code() byte {
	if c.full {
		return message.OpHeld
	}
	return message.OpAccount
}

func (c *Account) subject() string          { return c.Participant }
func (c *Account) append(b []byte) []byte   { return codec.AppendText(b, c.Participant) }
func (c *Account) decode(d *message.Reader) { c.Participant = d.Participant() }

func (c *Account) carryOut(_ context.Context, o *Owner) {
	var ok bool
	c.Account, ok = o.Host.Account(c.Participant)
	c.found(ok)
}

func (c *Account) appendAnswer(b []byte) []byte {
	a := &c.Account
	b = appendTime(appendTime(append(c.result.appendAnswer(b), byte(a.Override)), a.OverrideAt), a.ShownSeen)
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
	if c.full {
		b = appendSaid(b, a)
	}
	return b
}

func (c *Account) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	var a host.Account
	a.Override, a.OverrideAt, a.ShownSeen = shard.Override(d.Byte()), readTime(d), readTime(d)
	a.Kind, a.KindAt, a.LastSeen = shard.Kind(d.Byte()), readTime(d), readTime(d)
	for range d.Count(1 + 1 + 1 + 8 + 8) {
		a.Devices = append(a.Devices, host.KeptDevice{
			ID: d.Text(), Standing: shard.Standing(d.Byte()), Activity: shard.Activity(d.Byte()),
			LastSeen: readTime(d), Since: readTime(d),
		})
	}
	for range d.Count(1 + 8 + 8) {
		a.Windows = append(a.Windows, host.KeptWindow{Peer: d.Text(), At: readTime(d), End: readTime(d)})
	}
	if c.full {
		readSaid(d, &a)
	}
	c.Account = a
}

// appendSaid writes what was said beside the state.
func appendSaid(b []byte, a *host.Account) []byte {
	b = appendKept(appendKept(b, &a.Status), &a.Stood)
	b = message.AppendClaims(message.AppendUint64(b, uint64(a.OverrideUntil)), a.Claims)
	return append(b, byte(a.Availability))
}

func readSaid(d *message.Reader, a *host.Account) {
	a.Status, a.Stood = readKept(d), readKept(d)
	a.OverrideUntil, a.Claims = d.Millis(), d.Claims()
	a.Availability = shard.Availability(d.Byte())
}

func appendKept(b []byte, s *host.KeptStatus) []byte {
	return appendTime(append(message.AppendStatus(b, &s.Status), message.Bool(s.Public)), s.Since)
}

func readKept(d *message.Reader) host.KeptStatus {
	return host.KeptStatus{Status: d.Status(), Public: d.OneOf(2, "mark") == 1, Since: readTime(d)}
}
