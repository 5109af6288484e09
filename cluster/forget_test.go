package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestForgetAnswers: all gateways are told before it returns, in as many messages as it takes.
func TestForgetAnswers(t *testing.T) {
	b := newBand(t, 3)
	var doors []door
	for _, n := range b.nodes {
		d := door{forgot: make(chan []string, 10)}
		n.SetGateway(d)
		doors = append(doors, d)
	}
	var viewers []string
	for i := range 2*forgetAtOnce + 1 {
		viewers = append(viewers, fmt.Sprint("v", i))
	}
	if err := b.nodes[1].ForgetAnswers(t.Context(), viewers); err != nil {
		t.Fatal(err)
	}
	for i, d := range doors {
		var got []string
		for len(d.forgot) > 0 {
			got = append(got, <-d.forgot...)
		}
		if !slices.Equal(got, viewers) {
			t.Errorf("%s forgot %d viewers, want %d", b.nodes[i].ID(), len(got), len(viewers))
		}
	}
}

// TestForgetNamesWhoDidNot: a node that can't be told is no success. Once it is no member any
// longer, it serves nobody.
func TestForgetNamesWhoDidNot(t *testing.T) {
	b := newBand(t, 3)
	gone := b.nodes[2]
	b.crash(gone)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := b.nodes[0].ForgetAnswers(ctx, []string{"ben"}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v, want unavailable", err)
	}
	if err := b.nodes[0].ForgetAnswers(t.Context(), []string{"ben"}); err != nil {
		t.Error(err)
	}
	if b.nodes[0].view.Load().Has(gone.name) {
		t.Error("it returned while the node was a member")
	}
}

// TestForgetAlone: a node by itself tells its own gateway.
func TestForgetAlone(t *testing.T) {
	n := newNode(t)
	if err := n.ForgetAnswers(t.Context(), []string{"ben"}); err != nil {
		t.Error(err) // it has no gateway
	}
	d := door{forgot: make(chan []string, 1)}
	n.SetGateway(d)
	if err := n.ForgetAnswers(t.Context(), []string{"ben"}); err != nil || len(d.forgot) != 1 {
		t.Errorf("%v, and %d told", err, len(d.forgot))
	}
}
