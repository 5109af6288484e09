package host

import (
	"sync"
	"time"

	"github.com/scaiwave/presence/shard"
)

// stamps makes versions.
type stamps struct {
	sync.Mutex
	clock *shard.Clock
	wall  func() time.Time
}

// next returns a version above every earlier one.
func (s *stamps) next() shard.Version { return s.at(s.wall().UnixMilli()) }

func (s *stamps) at(wallMillis int64) shard.Version {
	s.Lock()
	defer s.Unlock()
	return s.clock.Next(wallMillis)
}

func (s *stamps) observe(v shard.Version) error {
	s.Lock()
	defer s.Unlock()
	return s.clock.Observe(v, s.wall().UnixMilli())
}

// ceiling is the highest version that may come from elsewhere.
func (s *stamps) ceiling() shard.Version { return shard.Ceiling(s.wall().UnixMilli()) }
