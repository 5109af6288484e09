package cluster

import (
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// erasuresPage is how many erasures one answer has at most, unless one partition has more.
const erasuresPage = 20_000

// answerErasures gives a sweep what is remembered here and isn't known to it.
func (n *Node) answerErasures(d *message.Reader) ([]byte, error) {
	known := readDigests(d, n.partitions)
	if err := d.End(); err != nil {
		return nil, err
	}
	return appendRemembered(nil, known, n.host), nil
}

func appendRemembered(b []byte, known map[int]uint64, h *host.Host) []byte {
	news, more := h.Erasures(known, erasuresPage)
	b = message.AppendUint32(append(b, message.Bool(more)), len(news))
	for _, r := range news {
		b = appendErasures(message.AppendUint16(b, r.Partition), r.All)
	}
	return b
}

func readRemembered(d *message.Reader, partitions int) (news []host.Remembered, more bool) {
	more = d.Byte() == 1
	for range d.Count(2 + 4) {
		news = append(news, host.Remembered{Partition: d.Partition(partitions), All: readErasures(d)})
	}
	return news, more
}

func appendDigests(b []byte, known map[int]uint64) []byte {
	b = message.AppendUint32(b, len(known))
	for p, digest := range known {
		b = message.AppendUint64(message.AppendUint16(b, p), digest)
	}
	return b
}

func readDigests(d *message.Reader, partitions int) map[int]uint64 {
	n := d.Count(2 + 8)
	known := make(map[int]uint64, min(n, partitions))
	for range n {
		known[d.Partition(partitions)] = d.Uint64()
	}
	return known
}

// erasures reads a list. One that isn't in order is put in order.
func readErasures(d *message.Reader) shard.Erasures {
	all := make([]shard.Erasure, d.Count(erasureSize))
	for i := range all {
		all[i] = readErasure(d)
	}
	if d.Err() != nil {
		return nil
	}
	return shard.Collect(all)
}
