package shard

import (
	"bytes"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// OpenWindow lets peer see through a participant's appear_offline until Settings.WindowMillis after
// atMillis, the Unix time of a direct message between the two; the latest message counts. The
// peer's own side of the window lies in the peer's partition. A message that isn't later than the
// erasure of one of the two is Erased.
func (p *Partition) OpenWindow(now Tick, k, peer Key, atMillis int64) Outcome {
	if p.isOver(now, atMillis) {
		return Done
	}
	at, ok := p.sentAfter(k, peer, atMillis)
	if !ok {
		return Erased
	}
	return p.storeWindow(k, peer, at)
}

// mergeWindow takes in a window of another account, unless it was there at the erasure of one of
// the two.
func (p *Partition) mergeWindow(now Tick, k, peer Key, atMillis int64) {
	switch {
	case p.isOver(now, atMillis):
		p.left = append(p.left, k.Hash, peer.Hash)
	case p.erasedWindow(k, peer, atMillis):
		p.struck++
	default:
		p.storeWindow(k, peer, atMillis)
	}
}

// isOver reports whether the window that a message opened has ended.
func (p *Partition) isOver(now Tick, atMillis int64) bool {
	return p.settings.tickAfter(atMillis+p.settings.WindowMillis) <= now
}

func (p *Partition) storeWindow(k, peer Key, atMillis int64) Outcome {
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	p.openWindow(who, peer, atMillis)
	return Done
}

func (p *Partition) openWindow(who uint32, peer Key, atMillis int64) {
	f := p.makeFact(who)
	if w := p.findWindow(who, peer); w != none {
		if atMillis > p.windows.at(w).at {
			p.unlinkWindow(f, w)
			p.windows.at(w).at = atMillis
			p.linkWindow(f, w)
			p.noteWindow(who, w)
		}
		return
	}
	w := none
	if int(f.windows) < p.settings.MaxWindows {
		w = p.newWindow(atMillis)
	} else if p.outranks(peer.ID, atMillis, f.oldest) {
		w = f.oldest
		p.exceptionChanged(who, p.names.name(p.windows.at(w).peer), false)
		p.detachWindow(f, w) // it stays filed, and at its own, earlier tick is filed again under the new one
	} else {
		return
	}
	p.attachWindow(who, w, peer, atMillis)
	p.noteWindow(who, w)
	p.exceptionChanged(who, p.names.name(p.windows.at(w).peer), true)
}

// findWindow is the slot of a participant's window for peer, or none.
func (p *Partition) findWindow(who uint32, peer Key) uint32 {
	f := p.factOf(who)
	if f == nil || f.windows == 0 {
		return none
	}
	hash := windowHash(who, peer.Hash)
	for i := p.windowIndex.home(hash); ; i = p.windowIndex.next(i) {
		w, at := p.windowIndex.candidate(hash, i)
		if w == none || p.windows.at(w).participant == who && p.names.equal(p.windows.at(w).peer, peer.ID) {
			return w
		}
		i = at
	}
}

func windowHash(who uint32, peerHash uint64) uint64 {
	hi, lo := bits.Mul64(peerHash^0x9e3779b97f4a7c15, uint64(who)<<1|1)
	return hi ^ lo ^ bits.RotateLeft64(peerHash, 32)
}

func (p *Partition) hashOfWindow(w uint32) uint64 {
	return windowHash(p.windows.at(w).participant, xxhash.Sum64(p.names.name(p.windows.at(w).peer)))
}

// newWindow takes a slot and files it.
func (p *Partition) newWindow(atMillis int64) uint32 {
	w, _ := p.windows.take()
	p.windows.at(w).participant = none
	p.wheel.file(w|isWindow, p.settings.tickAfter(atMillis+p.settings.WindowMillis))
	return w
}

func (p *Partition) attachWindow(who, w uint32, peer Key, atMillis int64) {
	p.reserve(1 + len(peer.ID))
	p.windows.at(w).at, p.windows.at(w).participant, p.windows.at(w).peer = atMillis, who, p.names.push(peer.ID)
	p.windowIndex.add(windowHash(who, peer.Hash), w, p.hashOfWindow)
	f := p.factOf(who)
	f.windows++
	p.counts.Windows++
	p.linkWindow(f, w)
}

func (p *Partition) detachWindow(f *fact, w uint32) {
	p.unlinkWindow(f, w)
	p.windowIndex.remove(p.hashOfWindow(w), w, p.hashOfWindow)
	peer := p.names.name(p.windows.at(w).peer)
	p.left = append(p.left, hashOfName(peer))
	p.names.kill(p.windows.at(w).peer, 1+len(peer))
	p.windows.at(w).participant = none
	f.windows--
	p.counts.Windows--
}

// endWindow ends a window, and frees its slot. If that is still filed, refile must follow.
func (p *Partition) endWindow(w uint32) {
	who := p.windows.at(w).participant
	p.exceptionChanged(who, p.names.name(p.windows.at(w).peer), false)
	p.detachWindow(p.factOf(who), w)
	p.windows.give(w)
}

// closeWindow ends a window whose time has come, which the wheel has just let go.
func (p *Partition) closeWindow(w uint32) {
	who := p.windows.at(w).participant
	p.endWindow(w)
	p.file(who) // the fact may be forgettable now
}

// linkWindow puts a window in its place by age; nearly always that is the newest end.
func (p *Partition) linkWindow(f *fact, w uint32) {
	newer, older := none, f.newest
	for older != none && p.outranks(string(p.names.name(p.windows.at(older).peer)), p.windows.at(older).at, w) {
		newer, older = older, p.windows.at(older).older
	}
	p.windows.at(w).newer, p.windows.at(w).older = newer, older
	*p.olderLink(f, newer) = w
	*p.newerLink(f, older) = w
}

func (p *Partition) unlinkWindow(f *fact, w uint32) {
	*p.olderLink(f, p.windows.at(w).newer) = p.windows.at(w).older
	*p.newerLink(f, p.windows.at(w).older) = p.windows.at(w).newer
}

func (p *Partition) olderLink(f *fact, w uint32) *uint32 {
	if w == none {
		return &f.newest
	}
	return &p.windows.at(w).older
}

func (p *Partition) newerLink(f *fact, w uint32) *uint32 {
	if w == none {
		return &f.oldest
	}
	return &p.windows.at(w).newer
}

// outranks reports whether a window of peer and at is newer than w. Of one time the ids decide, so
// that all nodes keep the same ones.
func (p *Partition) outranks(peer string, atMillis int64, w uint32) bool {
	if atMillis != p.windows.at(w).at {
		return atMillis > p.windows.at(w).at
	}
	return bytes.Compare([]byte(peer), p.names.name(p.windows.at(w).peer)) > 0
}
