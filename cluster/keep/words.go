package keep

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
)

// Words say why this node's disk takes no facts, for other nodes and for clients. They are empty
// while it does.
func (s *Store) Words() string {
	if s == nil {
		return ""
	}
	if err := s.disk.Trouble(); err != nil {
		return wordsOf(err, s.config.Node)
	}
	return ""
}

// wordsOf leaves out the path, which the log has.
func wordsOf(err error, node string) string {
	var errno syscall.Errno
	switch {
	case errors.Is(err, disk.ErrNoSpace):
		return "no space left on the data directory of " + node
	case errors.Is(err, disk.ErrGone):
		return fmt.Sprintf("the data directory of %s was deleted or replaced", node)
	case errors.Is(err, disk.ErrSlow):
		return fmt.Sprintf("the disk of %s takes too long", node)
	case errors.Is(err, disk.ErrBehind):
		return fmt.Sprintf("the data directory of %s is being written anew after a failure", node)
	case errors.As(err, &errno):
		return fmt.Sprintf("the data directory of %s can't be written: %v", node, errno)
	}
	return fmt.Sprintf("the data directory of %s can't be written", node)
}

// tellEvery is how often others are told while something is wrong: several times in believeFor.
const tellEvery = 500 * time.Millisecond

// Tell tells others what is wrong with this node's disk until ctx ends: again and again while
// something is, and once when it is well again.
func (s *Store) Tell(ctx context.Context, tell func(words string)) {
	if s == nil {
		return
	}
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for told := ""; ; {
		words := s.Words()
		if words != "" || told != "" {
			tell(words)
		}
		told = words
		select {
		case <-ctx.Done():
			return
		case <-s.disk.Changed():
		case <-tick.C:
		}
	}
}
