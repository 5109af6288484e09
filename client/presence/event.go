package presence

import "time"

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

// Event is something that a Client reports: a Welcome, States, Self, Reconnect, Lost or *Error.
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

// Self is how the client's own participant looks to itself.
type Self struct {
	State    string
	Override string // Auto when none
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
func (Self) event()      {}
func (Reconnect) event() {}
func (Lost) event()      {}
func (*Error) event()    {}
