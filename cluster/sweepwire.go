package cluster

import (
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// erasuresPage is how many erasures one answer has at most, unless one partition has more.
const erasuresPage = 20_000

// answerErasures gives a sweep what is remembered here and isn't known to it.
func (n *Node) answerErasures(d *decoder) ([]byte, error) {
	known := d.digests(n.partitions)
	if err := d.end(); err != nil {
		return nil, err
	}
	return appendRemembered(nil, known, n.host), nil
}

func appendRemembered(b []byte, known map[int]uint64, h *host.Host) []byte {
	news, more := h.Erasures(known, erasuresPage)
	b = appendUint32(append(b, boolByte(more)), len(news))
	for _, r := range news {
		b = appendErasures(appendUint16(b, r.Partition), r.All)
	}
	return b
}

func (d *decoder) remembered(partitions int) (news []host.Remembered, more bool) {
	more = d.byte() == 1
	for range d.count(2 + 4) {
		news = append(news, host.Remembered{Partition: d.partition(partitions), All: d.erasures()})
	}
	return news, more
}

func appendDigests(b []byte, known map[int]uint64) []byte {
	b = appendUint32(b, len(known))
	for p, digest := range known {
		b = appendUint64(appendUint16(b, p), digest)
	}
	return b
}

func (d *decoder) digests(partitions int) map[int]uint64 {
	n := d.count(2 + 8)
	known := make(map[int]uint64, min(n, partitions))
	for range n {
		known[d.partition(partitions)] = d.uint64()
	}
	return known
}

// erasures reads a list. One that isn't in order is put in order.
func (d *decoder) erasures() shard.Erasures {
	all := make([]shard.Erasure, d.count(erasureSize))
	for i := range all {
		all[i] = d.erasure()
	}
	if d.err != nil {
		return nil
	}
	return shard.Collect(all)
}
