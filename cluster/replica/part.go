package replica

import (
	"slices"

	"github.com/scaiwave/presence/cluster/link"
)

// part is what its owner knows of a partition's backup. The zero value is of a partition that isn't
// served here: nothing of it is acknowledged.
type part struct {
	target  link.Name // zero: there is none
	fill    bool      // it needs everything
	filled  bool      // it has taken everything once, since it was assigned or refilled; or there is none
	queued  bool      // on its stream's list, or among what that tries again
	pending []byte    // records
	extras  []byte    // likewise
	put     uint64    // records made
	got     uint64    // of these, how many the target has in memory
	kept    uint64    // of these, how many it has on its disk too, if it has one
	waiters []*waiter
}

// inMemory reports whether the target has all in memory, or there is none.
func (p *part) inMemory() bool { return p.filled && p.got >= p.put }

// onDisk reports whether the target has all for good, or there is none.
func (p *part) onDisk() bool { return p.filled && p.kept >= p.put }

// Verdict is what came of waiting for a backup.
type Verdict byte

const (
	Missed  Verdict = iota // it may not have it: time was up, or the partition isn't served here any more
	Has                    // it has it
	Refused                // it will not have it in time: nobody waits for it
)

// waiter is one call that waits for a backup. Who answers it takes it off its part's list.
type waiter struct {
	want    uint64
	fact    bool // it must be on the disk, too
	verdict Verdict
	done    chan struct{} // closed once there is a verdict
}

func (w *waiter) answer(v Verdict) {
	w.verdict = v
	close(w.done)
}

// answerAll answers all that wait.
func (p *part) answerAll(v Verdict) {
	for _, w := range p.waiters {
		w.answer(v)
	}
	p.waiters = nil
}

// reached notes how many records the target has, in memory and on its disk, and answers those that
// waited for them. A fact that is in memory only will not be on the disk in time.
func (p *part) reached(got, kept uint64) {
	p.got, p.kept = max(p.got, got), max(p.kept, kept)
	p.waiters = slices.DeleteFunc(p.waiters, func(w *waiter) bool {
		switch {
		case w.want <= p.kept || !w.fact && w.want <= p.got:
			w.answer(Has)
		case w.want <= p.got:
			w.answer(Refused)
		default:
			return false
		}
		return true
	})
}

// passOver notes that nothing of what was put is for the target: records of what is gone again. A
// call without a shipment would never be answered. Where one waits to be sent, with what was put
// before, the answer to that is for this, too; else all that was put before has been answered, as
// calls follow each other.
func (p *part) passOver(before *Shipment) {
	if before != nil {
		before.put = p.put
		return
	}
	kept := uint64(0)
	if p.kept == p.got {
		kept = p.put // else its disk lacks something that was put before
	}
	p.reached(p.put, kept)
}

// lacks notes that the target may lack something.
func (p *part) lacks() {
	p.filled, p.fill = false, true
	p.forgetPending()
}

func (p *part) forgetPending() { p.pending, p.extras = nil, nil }
