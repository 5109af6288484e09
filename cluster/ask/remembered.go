package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/host"
)

// erasuresPage is how many erasures one answer has at most, unless one partition has more.
const erasuresPage = 20_000

// Remembered reads which erasures a node remembers, of those that the asker doesn't know yet.
type Remembered struct {
	Known      map[int]uint64 // by partition, a digest of what the asker knows
	Partitions int            // how many there are

	News []host.Remembered
	More bool // ask again
}

func (c *Remembered) code() byte { return message.OpErasures }

func (c *Remembered) append(b []byte) []byte {
	b = message.AppendUint32(b, len(c.Known))
	for p, digest := range c.Known {
		b = message.AppendUint64(message.AppendUint16(b, p), digest)
	}
	return b
}

func (c *Remembered) decode(d *message.Reader) {
	n := d.Count(2 + 8)
	c.Known = make(map[int]uint64, min(n, c.Partitions))
	for range n {
		c.Known[d.Partition(c.Partitions)] = d.Uint64()
	}
}

func (c *Remembered) carryOut(_ context.Context, o *Owner) {
	c.News, c.More = o.Host.Erasures(c.Known, erasuresPage)
}

func (c *Remembered) appendAnswer(b []byte) []byte {
	b = message.AppendUint32(append(b, message.Bool(c.More)), len(c.News))
	for _, r := range c.News {
		b = appendErasures(message.AppendUint16(b, r.Partition), r.All)
	}
	return b
}

func (c *Remembered) decodeAnswer(d *message.Reader) {
	c.More, c.News = d.Byte() == 1, nil
	for range d.Count(2 + 4) {
		c.News = append(c.News, host.Remembered{Partition: d.Partition(c.Partitions), All: readErasures(d)})
	}
}
