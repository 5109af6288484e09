package shard

import (
	"crypto/sha256"
	"encoding/binary"
)

// Viewer is a participant that asks about others, with the hash by which their exceptions for it
// are found. It is made once for all that it asks. The zero Viewer is a stranger.
type Viewer struct {
	ID   string
	Hash uint64
}

// Viewer makes the viewer of an id. An empty id makes a stranger.
func (s *Settings) Viewer(id string) Viewer {
	if id == "" {
		return Viewer{}
	}
	return Viewer{id, s.viewerHash(sumOf([]byte(id)))}
}

// viewerHash is keyed, so that nobody without the key can make two ids that pass for one, or a
// thousand that lie next to each other. It is a hash of the id's own hash: an erasure doesn't hold
// the id, and what others have with the erased participant is found by it.
func (s *Settings) viewerHash(sum [16]byte) uint64 {
	var b [len(s.ViewerKey) + len(sum)]byte
	copy(b[copy(b[:], s.ViewerKey[:]):], sum[:])
	whole := sha256.Sum256(b[:])
	return max(binary.BigEndian.Uint64(whole[:]), noViewer+1)
}
