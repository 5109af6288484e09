package presence

import (
	"slices"
	"time"
)

// States, activities and overrides. Online and Idle are activities as well as states; Busy and
// AppearOffline are overrides as well as states.
const (
	Online        = "online"
	Idle          = "idle"
	Busy          = "busy"
	AppearOffline = "appear_offline"
	Offline       = "offline"
	Unknown       = "unknown" // the server can't tell, or nothing is known yet: never shown as offline
	Auto          = "auto"    // an override: none
)

// Event is something that a Client reports: a Welcome, States or Seen, Self, Reconnect, Lost or
// *Error.
type Event interface{ event() }

// Welcome is the begin of a connection: the device, if there is one, is live.
type Welcome struct {
	Participant       string
	Device            string // empty for a watcher
	Node              string
	HeartbeatInterval time.Duration
	Features          []string // what all nodes know, by the words of the contract
}

// States are states by participant id: as an Event, those of watched ids that have changed.
type States map[string]string

// Seen is what has changed of watched ids, for a client that asks for statuses. A status that is
// nil is gone.
type Seen struct {
	States   States
	Statuses map[string]*Status
}

// Self is how the client's own participant looks to itself.
type Self struct {
	State         string
	Override      string    // Auto when none
	OverrideUntil time.Time // its end; zero: it has none
	Status        *Status   // nil: none
	Busy          []string  // sources of the reasons to be busy
}

func (s *Self) same(o *Self) bool {
	return s.State == o.State && s.Override == o.Override && s.OverrideUntil.Equal(o.OverrideUntil) &&
		sameStatus(s.Status, o.Status) && slices.Equal(s.Busy, o.Busy)
}

// Reconnect is a notice that the node is leaving: the client connects again after that time.
type Reconnect struct {
	After time.Duration
}

// Lost is the end of a connection, or of an attempt to make one, that another attempt follows.
type Lost struct {
	Err     error
	RetryIn time.Duration
}

func (Welcome) event()   {}
func (States) event()    {}
func (Seen) event()      {}
func (Self) event()      {}
func (Reconnect) event() {}
func (Lost) event()      {}
func (*Error) event()    {}
