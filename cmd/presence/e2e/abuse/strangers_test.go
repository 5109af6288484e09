package abuse

import (
	"context"
	"fmt"
	"testing"
)

// byStrangers is how much slower users may be served while strangers attack.
const byStrangers = 5

// TestStrangers holds connections in each way in which one without a token may.
func TestStrangers(t *testing.T) {
	if !full() {
		t.Skip("each way by itself is for `make abuse`")
	}
	for _, s := range append(strange(), heldHandshakes()) {
		for _, addresses := range []int{1, 50} {
			t.Run(fmt.Sprintf("%s from %d", s.name, addresses), func(t *testing.T) { stranger(t, s, addresses) })
		}
	}
}

func stranger(t *testing.T, s shape, addresses int) {
	var how setting
	if s.name == heldHandshakes().name {
		how = overTLS(t)
	}
	n := newNode(t, how)
	a := strangers(n, sized().conns, addresses)
	got := besiege(t, n, sized(), func(ctx context.Context) { a.hold(ctx, s.send, s.drip) })
	rows.add(t, fmt.Sprintf("%d strangers at %d addresses: %s", a.conns, addresses, s.name),
		got.figures(byStrangers, mostMemory)...)
}

// TestStrangersAtOnce does all of it at once, to a node that has 256 MB.
func TestStrangersAtOnce(t *testing.T) {
	z := sized()
	from := []int{1, z.addresses}
	if !full() {
		from = from[1:]
	}
	for _, addresses := range from {
		n := newNode(t, within(t, memoryOfNode))
		a := strangers(n, z.conns, addresses)
		got := besiege(t, n, sized(), func(ctx context.Context) { a.all(ctx, strange()) })
		name := fmt.Sprintf("%d strangers at %d addresses: all of that", a.conns, addresses)
		rows.add(t, name, append(got.figures(byStrangers, mostMemory), confined())...)
	}
}
