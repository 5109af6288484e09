package watch

import "github.com/scaiwave/presence/cluster/protocol"

// Form is how a message is written. Each has what the one before has.
type Form byte

// The forms, for nodes of which protocol they are.
const (
	FormTrusts  Form = iota // 7: viewers by their hashes, and what a participant trusts them with
	FormSayings             // 8: what was said of a participant beside its state
)

// formFor is the latest form that a node knows of a protocol.
func formFor(speaks int) Form {
	if speaks >= protocol.Statuses {
		return FormSayings
	}
	return FormTrusts
}

// op is the one of some operations, in the order of forms, that has a form.
func (f Form) op(all ...byte) byte { return all[f] }

func (f Form) hasSayings() bool { return f >= FormSayings }
