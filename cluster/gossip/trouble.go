package gossip

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// cause is why a node is not met. The most telling come first.
type cause uint8

const (
	otherKey       cause = iota // no key of this node decrypts what it sends
	encrypted                   // it encrypts, this node doesn't
	unencrypted                 // this node encrypts, it doesn't
	otherCluster                // it is of a cluster with another name
	otherConstants              // it has constants that all nodes must share, and others
	unresolved                  // the name of a seed has no address
	refusing                    // nothing listens there
	silent                      // nothing answers
	closing                     // it accepts the connection and closes it
	lossy                       // streams get there, packets don't
	unclear
)

// words are the text of a cause for an operator, made of the address and a detail.
var words = [...]string{
	otherKey:       "%[1]s encrypts gossip with a key that is not in this node's --gossip-key-file",
	encrypted:      "%[1]s encrypts gossip and this node does not; give it the --gossip-key-file of the others",
	unencrypted:    "%[1]s does not encrypt gossip and this node does; all nodes need the same --gossip-key-file",
	otherCluster:   "%[1]s is of another cluster: %[2]s",
	otherConstants: "%[1]s was refused: %[2]s",
	unresolved:     "seed %[1]s does not resolve: %[2]s",
	refusing:       "%[1]s refuses the connection: no node gossips at that port",
	silent:         "%[1]s does not answer: the machine is down, the address is wrong, or a firewall is between (%[2]s)",
	closing: "%[1]s accepts the connection and closes it: " +
		"another --cluster-name, as its log says, or no gossip port",
	lossy:   "%[1]s is reached by TCP and not by UDP; gossip needs both at the same port",
	unclear: "%[1]s: %[2]s",
}

// ofWays reports whether the cause is in the way to an address. That is no news while others are
// there, as a seed may be down. It is none while this node starts, as others may be starting too.
func (c cause) ofWays() bool { return c >= unresolved && c <= closing }

// ofKeys reports whether the cause is in the keys of gossip.
func (c cause) ofKeys() bool { return c <= unencrypted }

// Trouble is a reason why some node was not met, and when it was seen last.
type Trouble struct {
	Text string
	When time.Time
}

// Bounds of troubles.
const (
	maxTroubles = 16          // kept, and so the most that are logged in a minute
	troubleFor  = time.Minute // a trouble without a new sign for so long is over
	sayEvery    = time.Minute // a trouble is logged at once, and then so often while it lasts
)

// ledger keeps the troubles of the last minute.
type ledger struct {
	mu      sync.Mutex
	entries []*entry
}

type entry struct {
	Trouble
	cause  cause
	where  string
	said   time.Time // when it was logged; zero: not yet
	unsaid int       // signs since
}

// note counts a sign of a trouble. It returns how many signs there are to log now, and the text.
func (l *ledger) note(c cause, where, detail string, loud bool) (text string, times int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	e := l.entry(c, where, now)
	if e == nil {
		return "", 0
	}
	e.Trouble = Trouble{fmt.Sprintf(words[c], e.where, detail), now}
	e.unsaid++
	if !loud || !e.said.IsZero() && now.Sub(e.said) < sayEvery {
		return "", 0
	}
	e.said, times, e.unsaid = now, e.unsaid, 0
	return e.Text, times
}

// entry finds a trouble, or makes one. It returns nil for a new one when all places are in use by
// troubles that last.
func (l *ledger) entry(c cause, where string, now time.Time) *entry {
	for _, e := range l.entries {
		if e.cause == c && sameNode(e.where, where) {
			if len(where) > len(e.where) { // with its port
				e.where = where
			}
			return e
		}
	}
	l.entries = slices.DeleteFunc(l.entries, func(e *entry) bool {
		return now.Sub(e.When) > troubleFor && now.Sub(e.said) > sayEvery
	})
	if len(l.entries) == maxTroubles {
		return nil
	}
	e := &entry{cause: c, where: where}
	l.entries = append(l.entries, e)
	return e
}

// sameNode reports whether two addresses are of one node. A node that was dialed is known by
// host:port, and one that came from some port by its host alone.
func sameNode(a, b string) bool {
	if a == b {
		return true
	}
	hostA, _, errA := net.SplitHostPort(a)
	hostB, _, errB := net.SplitHostPort(b)
	return errA == nil && errB != nil && hostA == b || errA != nil && errB == nil && a == hostB
}

// outdate ends the troubles of an address from before the latest try, which tells how things are.
// It keeps when they were logged.
func (l *ledger) outdate(address string, tried time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.where == address && e.When.Before(tried) {
			e.When = time.Time{}
		}
	}
}

// recent are the troubles of the last minute, the most telling first.
func (l *ledger) recent() (all []Trouble) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries := slices.DeleteFunc(slices.Clone(l.entries),
		func(e *entry) bool { return time.Since(e.When) > troubleFor })
	slices.SortFunc(entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.cause, b.cause), cmp.Compare(a.where, b.where))
	})
	for _, e := range entries {
		all = append(all, e.Trouble)
	}
	return all
}
