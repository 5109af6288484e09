package gateway

import (
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// directMessage is an item of POST /v1/direct-messages.
type directMessage struct {
	Participants []string `json:"participants"`
	At           *string  `json:"at"`
}

// maxAhead is how far in the future a direct message may be: backends' clocks differ.
const maxAhead = 5 * time.Second

func (m *directMessage) parse(in tenant.Name, now time.Time) (dm cluster.DirectMessage, err error) {
	if len(m.Participants) != 2 || m.Participants[0] == m.Participants[1] {
		return dm, wire.Errorf(wire.BadRequest, "participants must be two different participants")
	}
	for _, id := range m.Participants {
		if err := shard.ValidateParticipant(id); err != nil {
			return dm, named("participants", err)
		}
	}
	dm = people.DirectMessage(in.Participant(m.Participants[0]), in.Participant(m.Participants[1]), now)
	if m.At == nil {
		return dm, nil
	}
	if dm.At, err = wire.ParseTime("at", *m.At); err != nil {
		return dm, err
	}
	if dm.At.After(now.Add(maxAhead)) {
		return dm, wire.Errorf(wire.BadRequest, "at is more than %v in the future", maxAhead)
	}
	return dm, nil
}

// messagesBody is the body of POST /v1/direct-messages.
type messagesBody struct {
	Messages wire.Batch[directMessage] `json:"direct_messages"`
}

func (b *messagesBody) decodeBatch(text []byte) *wire.Error {
	return wire.DecodeBatch(text, b, &b.Messages)
}

// postDirectMessages is POST /v1/direct-messages.
func postDirectMessages(c *call) error {
	var body messagesBody
	body.Messages.Max = c.s.config.Limits.MaxItems
	if err := c.decode(&body); err != nil {
		return err
	}
	b := batch[directMessage, cluster.DirectMessage]{list: body.Messages}
	if err := b.check("direct_messages"); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	now := time.Now()
	parse := func(m *directMessage, in tenant.Name) (cluster.DirectMessage, error) { return m.parse(in, now) }
	if err := b.run(ctx, c, parse, c.s.people.DirectMessages); err != nil {
		return err
	}
	return c.report(b.all)
}
