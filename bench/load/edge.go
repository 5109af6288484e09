package load

import "context"

// edgesEach is how many viewers the edges of one participant name, if there are as many.
const edgesEach = 200

// NextEdges returns a request with the next n edges, counted round and round: all those of a
// participant, then those of the next one. Each round denies whom the one before allowed. There
// must be two participants.
func (c *Crowd) NextEdges(n int) (body []byte) {
	each, people := min(edgesEach, len(c.IDs)-1), len(c.IDs)
	edge := int(c.edges.Add(int64(n))) - n
	b := []byte(`{"edges":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		who, viewer, round := edge/each%people, edge%each, edge/each/people
		b = append(append(b, `{"participant_id":"`...), c.IDs[who]...)
		b = append(append(b, `","viewer":"`...), c.IDs[(who+1+viewer)%people]...)
		if round%2 == 0 {
			b = append(b, `","allow":true}`...)
		} else {
			b = append(b, `","allow":false}`...)
		}
		edge++
	}
	return append(b, `]}`...)
}

// SetEdges sends a batch of n edges. It fails when some are rejected.
func (a *API) SetEdges(ctx context.Context, body []byte, n int) error {
	return a.batch(ctx, "/v1/visibility", body, n)
}
