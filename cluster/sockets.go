package cluster

import (
	"context"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard/codec"
)

// socketsAt is what a node alone knows of a participant: of which devices it has the sockets, and
// until when it doubts what it knows.
type socketsAt struct {
	node    string
	devices []string
	doubt   time.Time // zero: it doesn't
}

func (s *socketsAt) has(device string) bool { return slices.Contains(s.devices, device) }

// askSockets asks all members. One that doesn't answer in time has none.
func (n *Node) askSockets(ctx context.Context, participant string) []socketsAt {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	members := n.view.Load().Members
	all := make([]socketsAt, len(members))
	call.Each(len(members), maxParallel, func(i int) {
		if s, err := n.socketsOf(ctx, members[i].Name, participant); err == nil {
			all[i] = s
			all[i].node = members[i].Name.ID
		}
	})
	return all
}

func (n *Node) socketsOf(ctx context.Context, at link.Name, participant string) (s socketsAt, err error) {
	if at == n.name {
		return n.socketsHere(participant), nil
	}
	request := codec.AppendText(nil, participant)
	err = n.caller.Call(ctx, at, link.Hot, message.OpSockets, request, func(reply []byte) error {
		d := message.NewReader(reply)
		if ms := int64(d.Uint64()); ms != 0 {
			s.doubt = time.UnixMilli(ms)
		}
		for range d.Count(1) {
			s.devices = append(s.devices, d.Device())
		}
		return d.End()
	})
	return s, err
}

func (n *Node) socketsHere(participant string) (s socketsAt) {
	partition := n.partitionOf(participant)
	s.doubt = n.host.WarmUntil(partition)
	for _, at := range n.devices.in(partition) {
		if at.Participant == participant && !s.has(at.Device) {
			s.devices = append(s.devices, at.Device)
		}
	}
	slices.Sort(s.devices)
	return s
}

// answerSockets tells another node.
func (n *Node) answerSockets(_ context.Context, _ link.Name, d *message.Reader) ([]byte, error) {
	participant := d.Participant()
	if err := d.End(); err != nil {
		return nil, err
	}
	s, doubt := n.socketsHere(participant), uint64(0)
	if !s.doubt.IsZero() {
		doubt = uint64(s.doubt.UnixMilli())
	}
	return message.AppendTexts(message.AppendUint64(nil, doubt), s.devices), nil
}
