package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/view"
)

// terms are what this node says to others before they take it in. A new word belongs to Later.
func terms(spoken protocol.Range, partitions int, s Settings) protocol.Terms {
	words := fmt.Sprintf("partitions=%d ring=%d/%g"+
		" interval=%v missed=%d grace=%v record=%v linger=%v window=%v tick=%v idle=%v"+
		" devices=%d windows=%d ai=%s",
		partitions, view.Replicas, view.Load, s.HeartbeatInterval, s.MissedHeartbeats, s.Grace, s.RecordTTL,
		s.Linger, s.DMWindow, s.Tick, s.UnattendedAfter, s.MaxDevices, s.MaxExceptions, digestOf(s.AIPrefixes))
	later := fmt.Sprintf("see=%v viewers=%s", s.Audience, digestOfKey(s.ViewerKey))
	return protocol.Terms{Range: spoken, Words: words, Later: later}
}

// digestOf tells lists of texts apart, whatever their order: how many there are, and a hash. What
// gossip carries has no room for the texts.
func digestOf(texts []string) string {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	return fmt.Sprintf("%d/%08x", len(texts), uint32(xxhash.Sum64String(strings.Join(texts, ","))))
}

// ViewerKey makes a Settings.ViewerKey of a secret: the first 16 bytes of its SHA-256. Edges on
// disks are found by it, so how it is made never changes.
func ViewerKey(secret string) [16]byte {
	whole := sha256.Sum256([]byte(secret))
	return [16]byte(whole[:])
}

// DefaultViewerKey is that of nodes that were given no secret. It is made of the cluster's name: so
// it is the same on all of them, and no secret.
func DefaultViewerKey(cluster string) [16]byte { return ViewerKey("cluster " + cluster) }

// digestOfKey tells viewer keys apart. It says nothing of the key: other nodes are told it, and it
// is on disk.
func digestOfKey(key [16]byte) string {
	whole := sha256.Sum256(key[:])
	return hex.EncodeToString(whole[:4])
}
