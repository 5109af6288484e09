package load

import (
	"encoding/json"
	"testing"
)

// TestEdgesGoRoundAndRound: each pair once in a round, nobody with itself, and the next round takes
// back what the one before has said.
func TestEdgesGoRoundAndRound(t *testing.T) {
	c := &Crowd{}
	for i := range 5 {
		c.IDs = append(c.IDs, ID(person, i))
	}
	allowed := map[[2]string]bool{}
	for request := range 10 { // two rounds of 20 edges
		var body struct {
			Edges []struct {
				Participant string `json:"participant_id"`
				Viewer      string
				Allow       bool
			}
		}
		if err := json.Unmarshal(c.NextEdges(4), &body); err != nil {
			t.Fatal(err)
		}
		for _, e := range body.Edges {
			pair := [2]string{e.Participant, e.Viewer}
			before, again := allowed[pair]
			if e.Participant == e.Viewer || again != (request >= 5) || e.Allow == before {
				t.Errorf("request %d: %+v, and before %v", request, e, before)
			}
			allowed[pair] = e.Allow
		}
	}
	if len(allowed) != 20 {
		t.Errorf("%d pairs", len(allowed))
	}
}
