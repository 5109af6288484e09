package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

const bytesOfGbit = 1e9 / 8

// weigh compares the costs with what nodes have. One of several nodes may be lost: the others carry
// its share. several has the costs of at least two nodes, because a single node is never proposed.
func (p *Planned) weigh(several *Planned) error {
	w := &p.Wish
	for _, r := range []struct {
		name, unit, flag string
		given, one       float64 // the flag's value, and what 1 of it is in the unit
	}{
		{"CPU", "cores", "cores", w.Cores, 1},
		{"memory", "B", "memory", w.Memory, 1 << 30},
		{"network", "B/s", "network", w.Network, bytesOfGbit},
		{"sockets", "sockets", "sockets", w.Sockets, 1},
	} {
		has := r.given * r.one
		base, shared := p.split(r.name)
		if base >= has*w.Fill {
			return fmt.Errorf("--%s=%v: an empty node needs %s, and with --fill=%v it may use %s", r.flag, r.given,
				quantity(base, r.unit), w.Fill, quantity(has*w.Fill, r.unit))
		}
		if base+shared == 0 {
			continue
		}
		_, all := several.split(r.name)
		p.Uses = append(p.Uses, Use{
			Resource: r.name, Needed: base + shared/float64(max(w.Nodes-1, 1)), Has: has, Unit: r.unit,
			Nodes: 1 + max(1, int(math.Ceil(all/(has*w.Fill-base)))),
		})
	}
	p.decide()
	return nil
}

// decide has the resource that needs the most nodes say how many, and come first.
func (p *Planned) decide() {
	slices.SortStableFunc(p.Uses, func(a, b Use) int { return cmp.Compare(b.Share(), a.Share()) })
	for _, u := range p.Uses {
		p.Nodes = max(p.Nodes, u.Nodes)
	}
}

// split returns what each node needs by itself, and what all nodes share.
func (p *Planned) split(resource string) (base, shared float64) {
	for _, c := range p.Costs {
		switch {
		case c.Resource != resource:
		case c.Grows == eachNode:
			base += c.Amount / float64(p.Wish.Nodes)
		default:
			shared += c.Amount
		}
	}
	return base, shared
}

// Bottleneck is the resource that is full first.
func (p *Planned) Bottleneck() Use { return p.Uses[0] }

// Fits reports whether the wished nodes are enough.
func (p *Planned) Fits() bool { return p.Bottleneck().Share() <= p.Wish.Fill }

// WriteTo writes the plan for a terminal.
func (p *Planned) WriteTo(w io.Writer) (int64, error) {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "cost\tall nodes\tat twice the participants\tgrows with\t")
	for _, c := range p.Costs {
		twice := c.Amount
		if c.Grows != eachNode {
			twice *= 2
		}
		fmt.Fprintf(t, "%s: %s\t%s\t%s\t%s\t\n", c.Resource, c.What, quantity(c.Amount, c.Unit),
			quantity(twice, c.Unit), c.Grows)
	}
	_ = t.Flush()
	fmt.Fprintf(&text, "\nEach of %d nodes%s:\n", p.Wish.Nodes, lost(p.Wish.Nodes))
	fmt.Fprintln(t, "resource\tneeded\thas\tuse\tnodes that are enough\t")
	for _, u := range p.Uses {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t\n", u.Resource, quantity(u.Needed, u.Unit), quantity(u.Has, u.Unit),
			quantity(100*u.Share(), "%"), u.Nodes)
	}
	_ = t.Flush()
	fmt.Fprintf(&text, "\nThe first bottleneck is %s.\n%s\nWhat a node has is --cores, --memory, --network and "+
		"--sockets.\n", p.Bottleneck().Resource, p.advice())
	n, err := io.WriteString(w, text.String())
	return int64(n), err
}

func lost(nodes int) string {
	if nodes == 1 {
		return " (nobody takes over when it is lost)"
	}
	return ", when one of them is lost"
}

func (p *Planned) advice() string {
	fill := quantity(100*p.Wish.Fill, "%")
	if p.Fits() {
		return fmt.Sprintf("%d nodes are enough: the fullest is used to %s of %s.", p.Wish.Nodes,
			quantity(100*p.Bottleneck().Share(), "%"), fill)
	}
	return fmt.Sprintf("%d nodes are not enough for at most %s of each; %d are.", p.Wish.Nodes, fill, p.Nodes)
}
