package ask

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

const partitions = 16

// full are operations with something of everything, as they are asked and as they are answered.
func full() []Operation {
	at := time.UnixMilli(1_800_000_000_123)
	device := DeviceOf{Participant: "ada", Device: "tab"}
	handle := host.Handle{Partition: 3, Ref: shard.Ref{Slot: 7, Generation: 9}}
	erasure := shard.Erasure{Hash: 9, Sum: [16]byte{1}, Version: 4, At: 5, Newest: 6}
	done := result{shard.Done}
	account := host.Account{
		Override: shard.OverrideBusy, OverrideAt: at, ShownSeen: at.Add(1e9),
		Kind: shard.KindModel, KindAt: at, LastSeen: at,
		Devices: []host.KeptDevice{{
			ID: "tab", Standing: shard.DeviceExpired, Activity: shard.ActivityOnline, LastSeen: at,
			Since: at.Add(2e9),
		}},
		Windows: []host.KeptWindow{{Peer: "ben", At: at, End: at.Add(3e9)}, {Peer: "cleo", At: at, End: at}},
	}
	all := account
	all.Status = host.KeptStatus{Status: shard.Status{Text: "out", Emoji: "🚆", Until: 5}, Public: true, Since: at}
	all.Stood = host.KeptStatus{Status: shard.Status{Text: "in"}, Since: at.Add(4e9)}
	all.OverrideUntil, all.Claims = 6, []shard.Claim{{Source: "call", Until: 7}, {Source: "x", Until: 8}}
	all.Availability = shard.UntilSilent
	record := host.Record{
		State: shard.Idle, Self: shard.Busy, Override: 1, LastSeen: at, TrueSeen: at.Add(1e9),
		Devices: []host.Device{{ID: "tab", Activity: 1, LastSeen: at}},
	}
	told := record
	told.Status = shard.Status{Text: strings.Repeat("x", shard.MaxStatusText)}
	told.OverrideUntil, told.Claims = 5, []shard.Claim{{Source: "call", Until: 7}}
	fact := Fact{Participant: "ada", result: result{busy}, words: "no space left"}
	return []Operation{
		&Attach{device, shard.ActivityIdle, done, link.Name{}, handle, 77},
		&Announce{
			device, shard.ActivityOnline, 76,
			host.Picked{Override: shard.OverrideBusy, Version: 5},
			done,
			link.Name{},
			handle,
			false,
		},
		&Announce{
			DeviceOf: device, Session: 76, Picked: host.Picked{Override: shard.OverrideBusy, Version: 5, Until: 6},
			result: done, Handle: handle, full: true,
		},
		&Flip{handle, shard.ActivityIdle, done},
		&Rest{handle, result{shard.Attended}},
		&Detach{SessionOf{device, 75, result{shard.Replaced}}},
		&Goodbye{SessionOf{device, 74, result{shard.Gone}}},
		&SignOut{device, done},
		&Override{fact, shard.OverrideAppearOffline},
		&Kind{fact, shard.KindModel},
		&Window{fact, "ben", 5},
		&Erase{fact, erasure},
		&Strike{All: shard.Erasures{erasure}, Struck: []int{1, 15}, partitions: partitions},
		&Remembered{
			Known: map[int]uint64{3: 7, 1: 1 << 60}, Partitions: partitions,
			News: []host.Remembered{{Partition: 2, All: shard.Erasures{erasure}}}, More: true,
		},
		&Account{"ada", done, account, false},
		&Account{"ada", done, all, true},
		&Edges{
			fact,
			[]host.Edge{
				{Viewer: "ben", Edge: shard.Edge{Allow: shard.Allow, Until: 9}}, {Viewer: "cleo", Edge: shard.Edge{}},
			},
			[]shard.Outcome{shard.TooManyExceptions, shard.Done},
		},
		&Block{fact, "ben", true},
		&SetVisibility{fact, shard.VisibilityChange{
			Visibility:  shard.Visibility{Audience: shard.AudienceAllowed, LastSeen: shard.SeenHidden},
			SetAudience: true, SetLastSeen: true,
		}},
		&Room{"ada", "ben", -5, result{shard.TooManyExceptions}},
		&Visibility{"ada", done, host.Said{
			Counts: shard.Visibility{Audience: shard.AudienceEveryone, LastSeen: shard.SeenExact},
			Set:    shard.Visibility{Audience: shard.AudienceAllowed, LastSeen: shard.SeenCoarse},
			Blocks: []host.KeptBlock{{Viewer: "dan", Since: at}},
			Edges:  []host.KeptEdge{{Viewer: 5, Allow: shard.Deny, Since: at, End: at.Add(4e9)}},
			Opaque: shard.Opaque{Facts: 2, Bytes: 90},
		}},
		&Inspect{"ben", "ada", true, done, record},
		&States{"ben", many[string, shard.State]{[]string{"ada", "cleo"}, []shard.State{shard.Online, notHere}}},
		&Ties{"ben", many[string, shard.Tie]{[]string{"ada", "cleo"}, []shard.Tie{shard.Tied, untold}}},
		&JudgedInspect{Inspect{"ben", "ada", false, done, host.Record{State: shard.Idle}}, shard.Trusted, false},
		&JudgedInspect{Inspect{"ben", "ada", false, done, told}, shard.Denied, true},
		&Statuses{
			"ben",
			shard.WithStatus | shard.WithLastSeen,
			[]host.Judged{{ID: "ada", Said: shard.Trusted}, {ID: "cleo"}, {ID: "dan"}},
			[]shard.Seen{
				{State: shard.Online, Status: shard.Status{Text: "out", Until: 9}, LastSeen: 8, Coarse: true},
				{State: notHere},
				{State: shard.Idle, Status: shard.Status{Emoji: "🚆"}},
			},
		},
		&Status{fact, shard.Status{Text: "out", Emoji: "🚆", Until: 5}, true},
		&Status{fact, shard.Status{}, false},
		&Claim{fact, "calendar", 5},
		&Pick{Override{fact, shard.OverrideBusy}, 5},
		&Register{Kind{fact, shard.KindHelper}, shard.UntilSilent},
		&JudgedStates{"ben", many[host.Judged, shard.State]{
			[]host.Judged{{ID: "ada", Said: shard.Trusted}, {ID: "cleo", Said: shard.Denied}},
			[]shard.State{shard.Online, notHere},
		}},
		&Heartbeats{many[host.Heartbeat, shard.Outcome]{
			[]host.Heartbeat{{Participant: "ada", Device: "tab", Activity: 1}}, []shard.Outcome{shard.NotMine},
		}},
	}
}

// TestOperationsComeBack: what is asked, and what is answered, is what was, and what is cut off is
// refused. Another node says as much of an operation as this one has asked.
func TestOperationsComeBack(t *testing.T) {
	owner := &Owner{Partitions: partitions}
	seen := make(map[byte]bool)
	for _, op := range full() {
		seen[op.code()] = true
		asked := op.append(nil)
		got := operations[op.code()](owner)
		read(t, asked, got.decode)
		answered := op.appendAnswer(nil)
		if s, ok := got.(*Strike); ok {
			s.partitions = partitions // the asker has it
		}
		got.(interface{ decodeAnswer(*message.Reader) }).decodeAnswer(message.NewReader(answered))
		if diff := cmp.Diff(op, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%T: (-want +got)\n%s", op, diff)
		}
		read(t, answered, op.decodeAnswer)
	}
	for code := range Codes() {
		if !seen[code] {
			t.Errorf("operation %d isn't tried", code)
		}
	}
}

// TestMemoryIsUsedAgain: an operation on many that uses the memory of another one answers its own
// questions alone.
func TestMemoryIsUsedAgain(t *testing.T) {
	o := newOwner(t)
	o.Host.Heartbeats([]host.Heartbeat{{Participant: "ada", Device: "tab", Activity: 1}}, make([]shard.Outcome, 1))
	for range 10 {
		for asked, want := range map[string]string{
			"ada ben ada": "on off on", "ben": "off", "ben ada": "off on", "ada ada ben ada": "on on off on", "": "",
		} {
			ids := strings.Fields(asked)
			b := (&States{many: many[string, shard.State]{Questions: ids}}).append(nil)
			answer, err := o.Answer(t.Context(), message.OpStates, message.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range answer {
				got = append(got, map[shard.State]string{shard.Online: "on", shard.Offline: "off"}[shard.State(s)])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%q is answered %q, want %q", asked, got, want)
			}
		}
	}
}

// TestAnswersAreFull: a field that is added to what is answered, and not to how it is written,
// would be zero in every answer of another node.
func TestAnswersAreFull(t *testing.T) {
	for _, op := range full() {
		switch op := op.(type) {
		case *Account:
			if op.full {
				isFull(t, "Account", reflect.ValueOf(op.Account))
			}
		case *Visibility:
			isFull(t, "Said", reflect.ValueOf(op.Said))
		case *JudgedInspect:
			if op.full {
				isFull(t, "Record", reflect.ValueOf(op.Record))
			}
		case *Statuses:
			isFull(t, "Seen", reflect.ValueOf(op.Answers[0]))
		}
	}
}

// isFull wants something in each field of a struct, and of the first item of each list in it.
func isFull(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		field := name + "." + v.Type().Field(i).Name
		if v.Field(i).IsZero() {
			t.Errorf("%s is empty in full", field)
		} else if v.Field(i).Kind() == reflect.Slice {
			isFull(t, field, v.Field(i).Index(0))
		}
	}
}

// TestFactsHaveALaneOfTheirOwn: a fact waits for a backup and two disks. In another lane it would
// hold places of heartbeats and reads meanwhile.
func TestFactsHaveALaneOfTheirOwn(t *testing.T) {
	for _, op := range full() {
		_, isFact := op.(interface {
			store(ctx context.Context, o *Owner, write func() shard.Outcome)
		})
		if lane := call.Lane(op.code(), nil); isFact && lane != link.LaneWrite {
			t.Errorf("%T is in lane %v; see call.Lane", op, lane)
		}
	}
}

// TestOperationsAreOfTheirProtocols: nodes of the releases before read what is written here. A node
// that knows the later operations writes the others as one does that knows none of them.
func TestOperationsAreOfTheirProtocols(t *testing.T) {
	want := map[int]string{7: "e9d64586f7c1a3f5", protocol.Statuses: "32d7f8cc930c2779"}
	sums := map[int]*xxhash.Digest{7: xxhash.New(), protocol.Statuses: xxhash.New()}
	for _, op := range full() {
		if r, ok := op.(*Remembered); ok {
			r.Known = map[int]uint64{3: 7} // a map of two is written in any order
		}
		fmt.Fprintf(sums[since(op.code())], "%d %x %x\n", op.code(), op.append(nil), op.appendAnswer(nil))
	}
	for n, sum := range sums {
		if got := fmt.Sprintf("%016x", sum.Sum64()); got != want[n] {
			t.Errorf("operations of protocol %d are written as %s, not %s: ask for the protocol where they are"+
				" written (cluster/protocol), and put it here", n, got, want[n])
		}
	}
}

// since is the protocol with which an operation came.
func since(code byte) int {
	if code >= message.OpWatchSayings {
		return protocol.Statuses
	}
	return 7
}

// read decodes a message, and what cuts of it are.
func read(t *testing.T, b []byte, decode func(d *message.Reader)) {
	t.Helper()
	for n := range b {
		d := message.NewReader(b[:n])
		if decode(d); d.End() == nil {
			t.Errorf("the first %d of %d bytes are taken", n, len(b))
		}
	}
	d := message.NewReader(b)
	if decode(d); d.End() != nil {
		t.Error(d.End())
	}
}
