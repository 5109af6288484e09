package host

import "github.com/scaiwave/presence/shard"

// Question asks how an id looks, and what it has said about some viewers.
type Question struct {
	ID      string
	Viewers []shard.Viewer // shard.MaxViewers at most; the participant and strangers need not be asked for
	With    shard.With     // WithStatus: the view has Sayings
}

// Sight answers a Question, from one critical section.
type Sight struct {
	View   shard.View
	Trusts shard.Trusts // in the question's viewers
	Answer Answer
}

// Answered reports whether the partition could tell.
func (s *Sight) Answered() bool { return s.Answer != Missing }

// Answer says what a Sight rests on.
type Answer uint8

// The answers, from nothing to all that is wished.
const (
	Missing  Answer = iota // the partition isn't here: the view is unknown, nothing is registered
	Copied                 // the view is a copy's, nothing is registered
	Glimpsed               // nothing is registered
	Warming                // registered; the partition warms: see shard.Partition.Warm
	Served                 // registered
)

// fromOwner reports whether it is the owner that answers. It alone takes writes.
func (a Answer) fromOwner() bool { return a > Copied }
