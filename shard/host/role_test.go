package host

import (
	"errors"
	"testing"
	"time"
)

// TestMoves has each event happen in each role, and compares what becomes of the role with the
// table. What isn't legal is told, or returned, and changes nothing.
func TestMoves(t *testing.T) {
	from := newMember(t, 2, newPipe(), nil)
	snapshot, _ := from.Snapshot(0)
	into := map[Role]func(h *Host){
		Absent:  func(*Host) {},
		Loading: func(h *Host) { _ = h.LoadSnapshot(0, time.Now(), snapshot, true) },
		Copy:    func(h *Host) { _ = h.Fill(0, 2, snapshot, true) },
		Held:    func(h *Host) { _ = h.Merge(0, 2, snapshot, true) },
		Serving: func(h *Host) { h.Serve(0) },
	}
	void := func(do func(h *Host, partition int)) func(h *Host) error {
		return func(h *Host) error { do(h, 0); return nil }
	}
	happen := map[event]func(h *Host) error{
		load:  func(h *Host) error { return h.Load(0, time.Now(), nil) },
		lapse: void(func(h *Host, _ int) { h.Lapse() }),
		fill:  func(h *Host) error { return h.Fill(0, 2, snapshot, true) },
		apply: func(h *Host) error { return h.Apply(0, 2, nil) },
		merge: func(h *Host) error { return h.Merge(0, 2, snapshot, true) },
		serve: void((*Host).Serve),
		hold:  void((*Host).Hold),
		claim: void((*Host).Claim),
		yield: void(func(h *Host, partition int) { h.Yield(partition, 2) }),
		drop:  void((*Host).Drop),
	}
	for e, row := range moves {
		for role, want := range row {
			var told error
			h, err := New(Config{
				Partitions: 1, Node: 1, Settings: DefaultSettings(), Mirror: newPipe(),
				Illegal: func(err error) { told = err },
			})
			if err != nil {
				t.Fatal(err)
			}
			if into[Role(role)](h); h.Role(0) != Role(role) {
				t.Fatalf("it is %v, not %v", h.Role(0), Role(role))
			}
			err = errors.Join(happen[event(e)](h), told)
			if want == refused {
				want = Role(role)
				if !errors.Is(err, ErrRole) {
					t.Errorf("%v of what is %v: %v", event(e), Role(role), err)
				}
			} else if err != nil {
				t.Errorf("%v of what is %v: %v", event(e), Role(role), err)
			}
			if got := h.Role(0); got != want {
				t.Errorf("%v makes %v of what is %v, not %v", event(e), got, Role(role), want)
			}
			if err := h.Check(); err != nil {
				t.Errorf("%v of what is %v: %v", event(e), Role(role), err)
			}
		}
	}
}

// TestIllegalMovesAreNotPassedOver: a host that isn't told what to do with them stops there.
func TestIllegalMovesAreNotPassedOver(t *testing.T) {
	h, err := New(Config{Partitions: 1, Settings: DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, ErrRole) {
			t.Errorf("what is served is loaded: %v", err)
		}
	}()
	h.Lapse()
}
