package dial

import "time"

// Event is something that a connection reports: a Welcome, Presence, Self, Failure, Reconnect or Lost.
type Event interface{ event() }

// Welcome answers the hello: the connection is up, and the device, if there is one, is live.
type Welcome struct {
	Participant       string
	Device            string // empty for a watcher
	Node              string
	HeartbeatInterval time.Duration
}

// Presence tells states by participant id: a snapshot after each subscription, changes afterwards.
type Presence struct {
	States map[string]string
}

// Self tells how the caller's own participant looks to itself.
type Self struct {
	State    string
	Override string // "auto" when none
}

// Failure is the server's refusal of one message; the connection stays. It is an error too: Dial returns it when the
// hello was refused.
type Failure struct {
	Code    string // a code of API.md
	Message string
}

// Reconnect says that the node is leaving: Keep connects again after that time.
type Reconnect struct {
	After time.Duration
}

// Lost says that the connection is gone and when Keep tries again.
type Lost struct {
	Err     error
	RetryIn time.Duration
}

func (Welcome) event()   {}
func (Presence) event()  {}
func (Self) event()      {}
func (Failure) event()   {}
func (Reconnect) event() {}
func (Lost) event()      {}

func (f Failure) Error() string { return f.Code + ": " + f.Message }
