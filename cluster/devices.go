package cluster

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// devices are this node's attachments, by token and by partition. The token is the number by which
// owners name one in what they answer. A device whose owner has changed, or has lost it, is
// announced again.
type devices struct {
	// static
	asker   *ask.Asker
	host    *host.Host
	views   *atomic.Pointer[view.View]
	sink    Sink // nil: there is no gateway
	running *sync.WaitGroup
	log     *slog.Logger

	mu          sync.Mutex
	last        uint32
	all         map[uint32]*Attachment
	byPartition map[int]map[*Attachment]struct{}
}

func (s *devices) add(at *Attachment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[uint32]*Attachment)
		s.byPartition = make(map[int]map[*Attachment]struct{})
	}
	for {
		s.last++
		if _, used := s.all[s.last]; !used {
			break
		}
	}
	at.token = s.last
	s.all[at.token] = at
	if s.byPartition[at.partition] == nil {
		s.byPartition[at.partition] = make(map[*Attachment]struct{})
	}
	s.byPartition[at.partition][at] = struct{}{}
}

func (s *devices) remove(at *Attachment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, at.token)
	if delete(s.byPartition[at.partition], at); len(s.byPartition[at.partition]) == 0 {
		delete(s.byPartition, at.partition)
	}
}

func (s *devices) get(token uint32) *Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[token]
}

func (s *devices) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}

// in are the attachments of a partition.
func (s *devices) in(partition int) []*Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.byPartition[partition]))
}

// announce brings a device to where its partition is served now. The attachment is taken.
func (s *devices) announce(ctx context.Context, at *Attachment, a shard.Activity) error {
	op := ask.Announce{DeviceOf: at.device(), Activity: a, Session: at.Session, Picked: s.picked(at.Participant)}
	if err := s.asker.Write(ctx, &op); err != nil {
		return err
	}
	at.handle, at.owner = op.Handle, op.Owner
	at.activity.Store(uint32(a))
	return nil
}

// picked is the override of a participant as the sink knows it.
func (s *devices) picked(participant string) (p host.Picked) {
	if s.sink != nil {
		p = s.sink.Picked(participant)
	}
	return p
}

// takeExceptions is told which heartbeats didn't count: a device that has moved is announced again
// at once, a socket that has lost its device is closed.
func (s *devices) takeExceptions(payload []byte) {
	d := message.NewReader(payload)
	for d.Left() >= message.ExceptionSize {
		token, o := d.Uint32(), shard.Outcome(d.Byte())
		if at := s.get(token); at != nil && !s.closed(at, ask.ErrorOf(o)) {
			s.running.Go(func() { s.reannounce(at) })
		}
	}
}

// closed closes the socket of an attachment, if an error says that it has lost its device.
func (s *devices) closed(at *Attachment, err error) bool {
	switch {
	case errors.Is(err, ErrReplaced):
		s.sink.Evict(at.eviction(EvictReplaced))
	case errors.Is(err, ErrGone):
		s.sink.Evict(at.eviction(EvictSignedOut))
	default:
		return false
	}
	return true
}

const reannounceTimeout = 5 * time.Second

// reannounce brings a socket's device to where it belongs.
func (s *devices) reannounce(at *Attachment) {
	ctx, cancel := context.WithTimeout(context.Background(), reannounceTimeout)
	defer cancel()
	if at.take(ctx) != nil {
		return
	}
	defer at.give()
	if s.get(at.token) == at {
		s.closed(at, s.announce(ctx, at, at.Activity()))
	}
}

// maxReannounce is how many devices are announced again at once.
const maxReannounce = 256

// reannounceAll brings this node's devices of a partition to an owner that has lost them.
func (s *devices) reannounceAll(partition int) {
	lost := s.in(partition)
	if len(lost) == 0 {
		return
	}
	s.log.Info("announcing again what was lost", "partition", partition, "devices", len(lost))
	call.Each(len(lost), maxReannounce, func(i int) { s.reannounce(lost[i]) })
}
