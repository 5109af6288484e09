package cluster

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
)

// TestNodesMustHaveSettingsAlike: two nodes of which one setting differs are not of one protocol.
// Each of them computes what the other one has a copy of.
func TestNodesMustHaveSettingsAlike(t *testing.T) {
	here := terms(protocol.Spoken, testPartitions, DefaultSettings())
	for i := range reflect.TypeFor[Settings]().NumField() {
		other := DefaultSettings()
		field := reflect.ValueOf(&other).Elem().Field(i)
		switch v := field.Addr().Interface().(type) {
		case *time.Duration:
			*v += time.Second
		case *int:
			*v++
		case *[]string:
			*v = append(*v, "robot:")
		case *shard.Audience:
			*v = shard.AudienceAllowed
		case *[16]byte:
			v[0]++
		default:
			t.Fatalf("a setting of type %T", v)
		}
		if here.Fits(terms(protocol.Spoken, testPartitions, other)) == nil {
			t.Errorf("another %s makes no other protocol", reflect.TypeFor[Settings]().Field(i).Name)
		}
	}
	same := DefaultSettings()
	same.AIPrefixes = []string{"helper:", "model:", "model:"}
	if got := terms(protocol.Spoken, testPartitions, same); got != here {
		t.Errorf("the same prefixes in another order: %v, want %v", got, here)
	}
}

// TestProtocolFits: no settings in whole seconds are so long that gossip has no room for them.
func TestProtocolFits(t *testing.T) {
	const room, day, year = 200, 24 * time.Hour, 365 * 24 * time.Hour // room: see gossip.appendMeta
	odd := Settings{
		HeartbeatInterval: day - time.Second, MissedHeartbeats: 100, Grace: time.Hour - time.Second,
		RecordTTL: year - time.Second, Linger: time.Hour - time.Second, DMWindow: year - time.Second,
		Tick: 9999 * time.Millisecond, UnattendedAfter: day - time.Second, MaxDevices: 1000, MaxExceptions: 1_000_000,
		Audience: shard.AudienceAllowed, ViewerKey: [16]byte{1},
	}
	for i := range 100 {
		odd.AIPrefixes = append(odd.AIPrefixes, fmt.Sprint("robot", i))
	}
	if err := odd.Validate(); err != nil {
		t.Fatal(err)
	}
	if got := terms(protocol.Spoken, 65536, odd).Text(); len(got) > room {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// TestViewerKey: edges on disks are found by it, so how it is made never changes.
func TestViewerKey(t *testing.T) {
	for want, key := range map[string][16]byte{
		"9f9f5111f7b27a781f1f1ddde5ebc2dd": ViewerKey("0123456789abcdef"),
		"4bfe5e851d02d39dca7577aef8d2267f": DefaultViewerKey("prod"),
	} {
		if got := hex.EncodeToString(key[:]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
