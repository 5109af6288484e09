package presence

import (
	"fmt"
	"maps"
	"slices"
)

// Limits of the server that the client keeps by itself.
const (
	maxMessageIDs = 1000 // the longest of them fill half a frame, and escaped all of it
	maxWatchedIDs = 5000
	maxStateBytes = 64 // it is kept for each id that is watched, as a status is

	maxStatusBytes = 256 + 32
)

// interest is who is watched, and the latest known states.
type interest struct {
	topics   map[string]*topic // those that are wanted, and those that are told and must be untold
	wanted   int
	due      bool // perhaps some are wanted and not told, or told and not wanted any more
	statuses bool // they are wanted, too
	full     bool // and the server of this connection knows them
}

type topic struct {
	state  string  // empty: not known yet
	says   *Status // nil: nothing
	wanted bool
	told   bool // subscribed on this connection
	kept   bool // says is of before: the server couldn't tell it, nor the state
}

// add watches ids, or none of them when one can't be watched.
func (i *interest) add(ids []string) error {
	fresh := make(map[string]bool)
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return err
		}
		if t := i.topics[id]; t == nil || !t.wanted {
			fresh[id] = true
		}
	}
	if i.wanted+len(fresh) > maxWatchedIDs {
		text := fmt.Sprintf("%d ids are watched already; a connection can watch %d", i.wanted, maxWatchedIDs)
		return &Error{Code: codeTooManyIDs, Message: text}
	}
	for id := range fresh { // subscribed anew even if it is told still, for the snapshot
		*i.topic(id) = topic{wanted: true}
	}
	i.wanted += len(fresh)
	i.due = true
	return nil
}

func (i *interest) topic(id string) *topic {
	if i.topics[id] == nil {
		i.topics[id] = &topic{}
	}
	return i.topics[id]
}

func (i *interest) remove(ids []string) {
	for _, id := range ids {
		if t := i.topics[id]; t != nil && t.wanted {
			t.wanted, t.state, t.says = false, "", nil
			i.wanted--
		}
	}
	i.due = true
}

// state returns the latest known state of a watched id; else Unknown.
func (i *interest) state(id string) string {
	if t := i.topics[id]; t != nil && t.state != "" {
		return t.state
	}
	return Unknown
}

// status returns the latest known status of a watched id; nil: none.
func (i *interest) status(id string) *Status {
	if t := i.topics[id]; t != nil && t.wanted {
		return t.says
	}
	return nil
}

// apply takes what the server says and returns what is new, or nil.
func (i *interest) apply(r *reply) Event {
	return i.event(i.applyStates(r.States), i.applyStatuses(r))
}

// event tells what has changed.
func (i *interest) event(states States, statuses map[string]*Status) Event {
	switch {
	case len(states)+len(statuses) == 0:
		return nil
	case i.statuses:
		return Seen{states, statuses}
	}
	return states
}

// applyStatuses takes statuses. In a snapshot, which answers a request, a participant that is not
// among them has none. While its state is Unknown, that isn't known either: what it says stays, as
// the state does. With the next state it is, or is none.
func (i *interest) applyStatuses(r *reply) map[string]*Status {
	if !i.statuses {
		return nil
	}
	all := make(map[string]*Status)
	for id, state := range r.States {
		t := i.topics[id]
		switch {
		case t == nil:
		case state == Unknown:
			t.kept = t.kept || r.Req != ""
		case t.kept || r.Req != "":
			all[id], t.kept = nil, false
		}
	}
	maps.Copy(all, r.Statuses)
	maps.DeleteFunc(all, func(id string, s *Status) bool {
		t := i.topics[id]
		return t == nil || !t.wanted || sameStatus(t.says, s) || s != nil && len(s.Text)+len(s.Emoji) > maxStatusBytes
	})
	for id, s := range all {
		i.topics[id].says, i.topics[id].kept = s, false
	}
	return all
}

// sameStatus reports whether two statuses are alike; nil: none.
func sameStatus(a, b *Status) bool {
	return a == b || a != nil && b != nil && a.Text == b.Text && a.Emoji == b.Emoji && a.Until.Equal(b.Until)
}

// applyStates takes states. One that is known doesn't become Unknown: that passes, and would only
// flicker.
func (i *interest) applyStates(states States) States {
	changed := make(States)
	for id, state := range states {
		t := i.topics[id]
		if t == nil || !t.wanted || t.state == state || len(state) > maxStateBytes ||
			(state == Unknown && t.state != "") {
			continue
		}
		t.state, changed[id] = state, state
	}
	return changed
}

// forget makes all states Unknown, and ends all statuses: the connection has been lost for too
// long.
func (i *interest) forget() Event {
	states, statuses := make(States), make(map[string]*Status)
	for id, t := range i.topics {
		if t.state != "" && t.state != Unknown {
			t.state, states[id] = Unknown, Unknown
		}
		if t.says != nil {
			t.says, statuses[id] = nil, nil
		}
	}
	return i.event(states, statuses)
}

// next unsubscribes first: that makes the room which the server has for what is new.
func (i *interest) next() *outgoing {
	if !i.due {
		return nil
	}
	for _, wanted := range []bool{false, true} {
		if ids := i.untold(wanted); len(ids) > 0 {
			return &outgoing{i.message(wanted, ids), func(r *reply) Event { return i.answered(wanted, ids, r) }}
		}
	}
	i.due = false
	return nil
}

// untold returns ids of which the server must be told that they are wanted, or that they aren't.
// It counts as told from here on.
func (i *interest) untold(wanted bool) (ids []string) {
	for id, t := range i.topics {
		if !t.wanted && !t.told {
			delete(i.topics, id)
			continue
		}
		if t.wanted == wanted && t.told != wanted && len(ids) < maxMessageIDs {
			ids = append(ids, id)
			t.told = wanted
		}
	}
	slices.Sort(ids)
	return ids
}

func (i *interest) message(wanted bool, ids []string) request {
	if !wanted {
		return request{Type: "unsubscribe", IDs: ids}
	}
	r := request{Type: "subscribe", IDs: ids}
	if i.full {
		r.With = []string{"status"}
	}
	return r
}

// answered tells those of a refused message again, if that can help.
func (i *interest) answered(wanted bool, ids []string, r *reply) Event {
	again, e := r.mayRepeat()
	if !again {
		return e
	}
	i.due = true
	for _, id := range ids {
		i.topic(id).told = !wanted
	}
	return nil
}

func (i *interest) reset() {
	for _, t := range i.topics {
		t.told, t.kept = false, false
	}
	i.due = true
}
