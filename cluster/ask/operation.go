package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// Operation is what an owner is asked, and, once it was carried out, what is answered.
type Operation interface {
	code() byte                             // one of message.Op…
	append(b []byte) []byte                 // writes what is asked
	decode(d *message.Reader)               // reads it
	carryOut(ctx context.Context, o *Owner) // at the owner
	appendAnswer(b []byte) []byte           // writes the answer
	decodeAnswer(d *message.Reader)         // reads it
}

// formed is an operation that nodes of different protocols are asked in different forms, and answer
// so.
type formed interface{ form(protocol int) }

// Command is an operation on one participant. It may be carried out more than once, if an answer is
// lost.
type Command interface {
	Operation
	subject() string // the participant
	outcome() shard.Outcome
	askedOf(at link.Name) // it is being asked of this node
	crowded()             // it found no place at the owner
	err() error
}

// result is an answer that is an outcome, or begins with one.
type result struct{ Outcome shard.Outcome }

func (r *result) appendAnswer(b []byte) []byte   { return append(b, byte(r.Outcome)) }
func (r *result) decodeAnswer(d *message.Reader) { r.Outcome = shard.Outcome(d.Byte()) }
func (r *result) outcome() shard.Outcome         { return r.Outcome }
func (r *result) crowded()                       { r.Outcome = busy }
func (r *result) askedOf(link.Name)              {}
func (r *result) err() error                     { return ErrorOf(r.Outcome) }
func (r *result) found(ok bool) {
	if r.Outcome = shard.Done; !ok {
		r.Outcome = shard.NotMine
	}
}
