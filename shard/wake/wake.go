package wake

// Signal is raised by many and received by one.
type Signal chan struct{}

// New returns a signal that is not raised.
func New() Signal { return make(Signal, 1) }

// Raise has the next receive succeed, once. It never waits.
func (s Signal) Raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}
