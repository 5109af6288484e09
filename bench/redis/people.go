package redis

import (
	"math/rand/v2"
	"slices"

	"github.com/scaiwave/presence/bench/load"
)

// batchSize is how many items a backend sends in one request.
const batchSize = 1000

// secondDevice is the other device of each participant, of 12 bytes.
const secondDevice = "device-00002"

// people are the participants of both sides, in batches. The order is random, so that memory is as
// cold as it is for a server of real people.
type people struct {
	batches [][]string
}

func newPeople(kind string, n int) *people {
	ids := make([]string, n)
	for i, j := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		ids[i] = load.ID(kind, j)
	}
	return &people{slices.Collect(slices.Chunk(ids, batchSize))}
}

// count is the number of participants.
func (p *people) count() (n int) {
	for _, b := range p.batches {
		n += len(b)
	}
	return n
}
