package keep

import (
	"log/slog"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/shard/host"
)

// Config is what a store is made from.
type Config struct {
	Dir        string
	Node       string     // whose disk it is, for those who are told of it
	Host       *host.Host // one that has not started
	Partitions int
	Viewers    string // of the viewer key, which must be the one with which the directory was written
	Log        *slog.Logger
	Clock      func() time.Time
	Syncing    func() // for tests: see disk.Config
}

// Store keeps a node's partitions. The nil store keeps nothing. All methods are safe for concurrent
// use.
type Store struct {
	// static
	config Config
	host   *host.Host
	disk   *disk.Log
	log    *slog.Logger
	newest time.Time // of what was loaded
}

// Close ends the store. What was written before is on disk then, if the disk takes it.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	return s.disk.Close()
}
