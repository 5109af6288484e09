package cluster

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
)

// lines are those that a logger writes.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	select {
	case l <- string(b):
	default:
	}
	return len(b), nil
}

// TestStrangerIsNoMember: who knows all names is no member all the same, if gossip doesn't know it.
func TestStrangerIsNoMember(t *testing.T) {
	b := newBand(t, 2)
	home := b.nodes[0]
	dial := func(name link.Name) *link.Peer {
		stranger := home.local
		stranger.Name, stranger.Members, stranger.Handler = name, nil, quiet{}
		said := make(lines, 100)
		stranger.Logger, stranger.Stats = slog.New(slog.NewTextHandler(said, nil)), &link.Stats{}
		p := link.Dial(&stranger, home.name, home.config.Listener.Addr().String())
		t.Cleanup(p.Close)
		if line := <-said; !strings.Contains(line, "the other node refused") {
			t.Errorf("%v: %s", name, line)
		}
		return p
	}
	for _, name := range []link.Name{{ID: "stranger", Boot: "1"}, {ID: b.nodes[1].name.ID, Boot: "1"}, home.name} {
		for _, c := range link.Classes {
			if dial(name).Conn(c) != nil {
				t.Errorf("%v: linked", name)
			}
		}
	}
}

// TestLostMemberMayLink: a node that gossip has lost for a moment is no stranger, and is asked and
// asks as before.
func TestLostMemberMayLink(t *testing.T) {
	b := newBand(t, 2)
	a, lost := b.nodes[0], b.nodes[1]
	b.crash(lost)
	await(t, "a sees itself alone", func() bool { return len(a.view.Load().Members) == 1 })
	late := lost.local
	late.Handler, late.Members, late.Stats = quiet{}, nil, &link.Stats{}
	p := link.Dial(&late, a.name, a.config.Listener.Addr().String())
	t.Cleanup(p.Close)
	await(t, "it is linked", func() bool { return p.Conn(link.Hot) != nil })
}

// quiet is a node that answers nothing.
type quiet struct{}

func (quiet) Opened(*link.Conn)                      {}
func (quiet) Closed(*link.Conn)                      {}
func (quiet) Lane(byte, []byte) link.Lane            { return link.LaneQuick }
func (quiet) Call(_ context.Context, r link.Request) { r.Reply(nil) }
func (quiet) Push(*link.Conn, byte, []byte)          {}
