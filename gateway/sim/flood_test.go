package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// A flood is writes of backends, one a call, of people who are nobody's business here: only their
// load counts.
const (
	floodLasts = 10 * time.Second
	floodEvery = 100 * time.Millisecond
	floodWave  = 60 // writes each time
)

// flood sends them, waiting for none, to a node.
func (w *world) flood(s step, address string) {
	w.mu.Lock()
	w.floodedAt = w.now()
	w.mu.Unlock()
	h := w.net.Host(fmt.Sprintf("10.8.0.%d", s.node+1))
	for i := 0; i < int(s.lasts/floodEvery) && w.ctx.Err() == nil; i++ {
		for j := range floodWave {
			w.running.Go(func() { w.pour(h, address, i*floodWave+j) })
		}
		sleep(w.ctx, floodEvery)
	}
}

// pour is one of them: three in four are direct messages.
func (w *world) pour(h *memnet.Host, address string, number int) {
	ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
	defer cancel()
	one, two := fmt.Sprintf("load-%d", number), fmt.Sprintf("load-%d-too", number)
	var err error
	if number%4 == 0 {
		_, err = call(ctx, h, address, "PUT", "/v1/presence/"+one+"/override", map[string]string{"override": "busy"},
			nil)
	} else {
		var got batchAnswer
		_, err = call(ctx, h, address, "POST", "/v1/direct-messages", map[string]any{
			"direct_messages": []any{map[string]any{"participants": []string{one, two}}},
		}, &got)
		err = got.of(0, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.floods++
	if err != nil {
		w.counts.refused++
	}
}
