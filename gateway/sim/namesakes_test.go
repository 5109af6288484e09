package sim

import (
	"context"
	"math/rand/v2"
	"time"
)

// namesakes are participants of a tenant by the ids of everybody here. What they do must not be
// noticed, so the model isn't told.
func (w *world) namesakes(ctx context.Context, seed uint64) {
	h, r := w.net.Host("10.9.0.1"), rand.New(rand.NewPCG(seed, 3))
	for ctx.Err() == nil {
		w.mu.Lock()
		address := ""
		if up := w.up(); len(up) > 0 {
			address = w.nodes[up[r.IntN(len(up))]].address
		}
		w.mu.Unlock()
		if address != "" {
			method, path, body := writing(r, w.ids)
			asking, cancel := context.WithTimeout(ctx, askTimeout)
			_, _ = callAs(asking, h, "acme service", address, method, path, body, nil) // it may fail, as others do
			cancel()
		}
		sleep(ctx, time.Duration(500+r.IntN(2000))*time.Millisecond)
	}
}

// writing is a call of a backend that changes something about some of ids.
func writing(r *rand.Rand, ids []string) (method, path string, body any) {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	id, other := pick(ids...), pick(ids...)
	device := "/v1/presence/" + id + "/devices/" + pick("http", "tab")
	switch r.IntN(9) {
	case 0, 1, 2:
		return "PUT", device, map[string]string{"activity": pick("online", "online", "idle")}
	case 3:
		return "DELETE", device, nil
	case 4, 5:
		return "PUT", "/v1/presence/" + id + "/override", map[string]string{
			"override": pick("busy", "appear_offline", "auto"),
		}
	case 6, 7:
		return "POST", "/v1/direct-messages", map[string]any{
			"direct_messages": []any{map[string]any{"participants": []string{id, other}}},
		}
	default:
		return "PUT", "/v1/participants/" + id, map[string]string{"kind": pick("human", "model", "human")}
	}
}
