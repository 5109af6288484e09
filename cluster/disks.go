package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/scaiwave/presence/cluster/disk"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// disks is what other nodes say of their data directories.
//
// A fact must be on two disks. What one of them would refuse is refused before anything is stored:
// the owner asks its own log, and remembers what its backup has said. So a refusal leaves nothing
// behind, in memory, on a disk, or with those who watch. Each step sees a full disk coming before it
// is full, so there is no moment between:
//
//	backup: its log has room for what is under way, and for no more ─▶ tells all others, again and again
//	owner:  refuses facts whose backup that is, for as long as it says so
//
// A disk that fails without warning, by an error or because the directory was deleted, is found by
// the write that fails. That one fact is in memory, is refused, and may be seen; it is on the disks
// once these are written anew. The same holds where the owner's disk takes what the backup's doesn't.
type disks struct {
	refused atomic.Int64 // facts

	mu   sync.Mutex
	said map[link.Name]complaint
}

type complaint struct {
	words string
	until time.Time
}

const (
	tellEvery   = 500 * time.Millisecond // while something is wrong
	tellTimeout = 400 * time.Millisecond
	believeFor  = 2 * time.Second // after that it is well, or silent
)

// set notes what a node says of its disk; nothing: it is well.
func (d *disks) set(name link.Name, words string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if words == "" {
		delete(d.said, name)
		return
	}
	if d.said == nil {
		d.said = make(map[link.Name]complaint)
	}
	d.said[name] = complaint{words, time.Now().Add(believeFor)}
}

// of returns what is wrong with a node's disk, or nothing.
func (d *disks) of(name link.Name) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, found := d.said[name]
	if found && time.Now().After(c.until) {
		delete(d.said, name)
		return ""
	}
	return c.words
}

// DiskError is why a fact was refused: a data directory takes nothing. It is an ErrUnavailable.
type DiskError struct {
	Words  string // what is wrong, and at which node
	Stored bool   // it may have been stored all the same
}

func (e *DiskError) Error() string { return "cluster: " + e.Words }

func (e *DiskError) Unwrap() error { return ErrUnavailable }

// diskRefuses is the outcome of a fact of which nothing was stored.
const diskRefuses shard.Outcome = 0xfd

// factOf carries out a write that must be on two disks, unless one of them would refuse it. words
// says which does.
func (n *Node) factOf(ctx context.Context, participant string, write func() shard.Outcome) (o shard.Outcome, words string) {
	p := n.partitionOf(participant)
	if n.host.Role(p) == host.Serving {
		if words = n.diskTrouble(p); words != "" {
			n.disks.refused.Add(1)
			return diskRefuses, words
		}
	}
	if o = n.backed(ctx, p, write()); o == busy {
		words = n.diskTrouble(p)
	}
	return o, words
}

// diskTrouble is what is wrong with one of the disks on which a partition is kept, or nothing.
func (n *Node) diskTrouble(partition int) string {
	if words := n.diskWords(); words != "" || n.replica == nil {
		return words
	}
	return n.disks.of(n.replica.backup(partition))
}

// diskWords is what is wrong with this node's disk, for the others and for clients; or nothing.
func (n *Node) diskWords() string {
	if err := n.store.trouble(); err != nil {
		return diskWordsOf(err, n.name.ID)
	}
	return ""
}

// diskWordsOf leaves out the path, which the log has.
func diskWordsOf(err error, id string) string {
	var errno syscall.Errno
	switch {
	case errors.Is(err, disk.ErrNoSpace):
		return "no space left on the data directory of " + id
	case errors.Is(err, disk.ErrGone):
		return fmt.Sprintf("the data directory of %s was deleted or replaced", id)
	case errors.Is(err, disk.ErrSlow):
		return fmt.Sprintf("the disk of %s takes too long", id)
	case errors.Is(err, disk.ErrBehind):
		return fmt.Sprintf("the data directory of %s is being written anew after a failure", id)
	case errors.As(err, &errno):
		return fmt.Sprintf("the data directory of %s can't be written: %v", id, errno)
	}
	return fmt.Sprintf("the data directory of %s can't be written", id)
}

// diskRemark is diskWords for an operator. Such a node is ready: it serves sockets, heartbeats and
// reads as well as any other, and whom it owns it owns whichever node their clients talk to. Out of
// the balancer it would help nobody, and all nodes with a full disk would be an outage.
func (n *Node) diskRemark() string {
	words := n.diskWords()
	if words == "" {
		return ""
	}
	return words + ": overrides, registrations and direct messages of those whom this node owns or is the backup of are refused until that is mended"
}

// tellDisk tells the others of this node's disk, for as long as something is wrong with it, and once
// when it is well again.
func (n *Node) tellDisk(ctx context.Context) {
	if n.store == nil {
		return
	}
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for told := ""; ; {
		words := n.diskWords()
		if words != "" || told != "" {
			n.tellAll(ctx, words)
		}
		told = words
		select {
		case <-ctx.Done():
			return
		case <-n.store.log.Changed():
		case <-tick.C:
		}
	}
}

// tellAll does not wait for the answers: one that is lost comes again, or ends by itself.
func (n *Node) tellAll(ctx context.Context, words string) {
	for _, name := range n.view.Load().Others(n.name) {
		n.running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, tellTimeout)
			defer cancel()
			if err := n.call(ctx, name, link.Hot, message.OpDisk, codec.AppendText(nil, words), func([]byte) error { return nil }); err != nil {
				n.log.Debug("a node was not told of the disk", "peer", name.ID, "error", err)
			}
		})
	}
}

// takeDisk is the other side of tellAll.
func (n *Node) takeDisk(from link.Name, d *message.Reader) ([]byte, error) {
	words := bounded(d.Words())
	if err := d.End(); err != nil {
		return nil, err
	}
	n.disks.set(from, words)
	return nil, nil
}
