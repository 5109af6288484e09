package shard

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Sought are erasures, made ready to look for in many partitions.
type Sought struct {
	all Erasures
	own map[int]Erasures // by the partition that has the participant
	at  map[uint64]int   // where the first of a hash is in all
	by  []soughtViewer   // by the hashes of viewers; made when it is needed first
}

// soughtViewer is an erased viewer.
type soughtViewer struct {
	hash uint64
	of   int // where its erasure is
}

// viewers are the erased ones, in the order of their hashes.
func (s *Sought) viewers(settings *Settings) []soughtViewer {
	if s.by != nil {
		return s.by
	}
	for i, e := range s.all {
		s.by = append(s.by, soughtViewer{settings.viewerHash(e.Sum), i})
	}
	slices.SortFunc(s.by, func(a, b soughtViewer) int { return cmp.Compare(a.hash, b.hash) })
	return s.by
}

// Seek makes erasures ready for Partition.Strike; partitions is how many there are.
func Seek(all Erasures, partitions int) *Sought {
	s := &Sought{all: all, own: make(map[int]Erasures), at: make(map[uint64]int, len(all))}
	for i, e := range all {
		number := int(e.Hash % uint64(partitions))
		s.own[number] = append(s.own[number], e)
		if i == 0 || all[i-1].Hash != e.Hash {
			s.at[e.Hash] = i
		}
	}
	return s
}

// Collect puts erasures in order, and makes one of those that are of one id.
func Collect(all []Erasure) Erasures {
	slices.SortFunc(all, Erasure.compare)
	out := all[:0]
	for _, e := range all {
		if last := len(out) - 1; last >= 0 && out[last].compare(e) == 0 {
			out[last] = out[last].and(e)
		} else {
			out = append(out, e)
		}
	}
	return out
}

// meet reports whether one of them is remembered already. The shorter list is gone through.
func (s *Sought) meet(known Erasures) bool {
	if len(s.all) < len(known) {
		return slices.ContainsFunc(s.all, known.Has)
	}
	return slices.ContainsFunc(known, func(e Erasure) bool {
		i, found := s.at[e.Hash]
		for ; found && i < len(s.all) && s.all[i].Hash == e.Hash; i++ {
			if known.Has(s.all[i]) {
				return true
			}
		}
		return false
	})
}

// Digest tells lists that say different things apart; that of an empty one is 0.
func (s Erasures) Digest() uint64 {
	if len(s) == 0 {
		return 0
	}
	d, b := xxhash.New(), make([]byte, 0, 64)
	for _, e := range s {
		b = appendErasure(b[:0], e)
		_, _ = d.Write(binary.BigEndian.AppendUint16(b, uint16(len(b))))
	}
	return d.Sum64()
}
