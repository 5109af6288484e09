package gateway

import "testing"

// TestTheContractHasEveryCall: a call that docs/openapi.yaml doesn't know would be checked by
// nothing, and found by nobody.
func TestTheContractHasEveryCall(t *testing.T) {
	g := newGate(t)
	for _, r := range g.s.routes {
		item := g.spec.Paths.Find(r.path)
		if item == nil || item.GetOperation(r.method) == nil {
			t.Errorf("docs/openapi.yaml has no %s %s", r.method, r.path)
		}
	}
}
