package keep

import (
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// Complaints are what other nodes say of their disks. The zero value has none. All methods are safe
// for concurrent use.
type Complaints struct {
	mu   sync.Mutex
	said map[link.Name]complaint
}

type complaint struct {
	words string
	until time.Time
}

// believeFor is for how long a complaint counts. A node that is silent for longer is well, or gone.
const believeFor = 2 * time.Second

// Set notes the words of a node. None: its disk is well.
func (c *Complaints) Set(node link.Name, words string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if words == "" {
		delete(c.said, node)
		return
	}
	if c.said == nil {
		c.said = make(map[link.Name]complaint)
	}
	c.said[node] = complaint{words, time.Now().Add(believeFor)}
}

// Of returns the words of a node that count now, or none.
func (c *Complaints) Of(node link.Name) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	said, found := c.said[node]
	if found && time.Now().After(said.until) {
		delete(c.said, node)
		return ""
	}
	return said.words
}
