package shard

// SetBlock blocks a viewer, or ends that, if version is newer than what is known.
func (p *Partition) SetBlock(k Key, viewer Viewer, blocked bool, version Version) Outcome {
	known := isBlock
	if blocked {
		known = isBlocked
	}
	if who := p.find(k); p.isFull(k, who) && !p.hasAny(who, viewer.Hash, known) {
		return fullUnless(!blocked)
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	if blocked && !p.hasAny(who, viewer.Hash, isBlocked) && !p.makeRoom(who) {
		return TooManyExceptions
	}
	in := incomingBlock{hash: viewer.Hash, version: version}
	if blocked {
		in.name = viewer.ID
	}
	p.mergeBlock(who, in)
	p.file(who)
	return Done
}

// incomingBlock is a block from elsewhere, or the end of one.
type incomingBlock struct {
	hash    uint64 // of the viewer
	name    string // of the viewer; empty: it is blocked no longer
	version Version
}

// mergeBlock takes in a block, or the end of one, if it is newer. Of one version a block counts.
func (p *Partition) mergeBlock(who uint32, in incomingBlock) {
	l := p.makeList(who)
	before := p.trust(who, in.hash)
	in.version &^= kindMask
	place, found := p.cells.first(l, in.hash, isBlock)
	if found {
		c := p.cells.in(l)[place]
		known := p.versionOf(c)
		if known > in.version || known == in.version && (in.name == "" || c.kind() == cellBlocked) {
			p.left = append(p.left, hashOfName([]byte(in.name))) // files may have the name
			return
		}
		p.dropBlock(who, l, place)
	}
	p.addBlock(who, l, in)
	p.noteCell(who, in.hash)
	if in.name == "" {
		p.await(who, p.forgetAt(in.version))
	}
	p.limitStones(who, l)
	p.crowdOut(who)
	p.pairChanged(who, in.hash, before)
}

func (p *Partition) addBlock(who uint32, l *list, in incomingBlock) {
	c := cell{in.hash, wordOf(in.version, cellUnblocked)}
	if in.name != "" {
		p.reserve(1 + len(in.name)) // before a slot is taken: it moves the names of all slots
		slot, _ := p.blocks.take()
		*p.blocks.at(slot) = block{in.version, p.names.push(in.name)}
		c.word = uint64(slot)<<kindBits | cellBlocked
	}
	p.cells.insert(l, c)
	p.countCell(who, l, c, 1)
}

func (p *Partition) dropBlock(who uint32, l *list, place int) {
	c := p.cells.in(l)[place]
	p.countCell(who, l, c, -1)
	if c.kind() == cellBlocked {
		p.left = append(p.left, hashOfName(p.nameOfBlock(c)))
		p.giveBlock(c.slot())
	}
	p.cells.remove(l, place)
}

func (p *Partition) giveBlock(slot uint32) {
	at := p.blocks.at(slot).name
	p.names.kill(at, int(p.names.after(at)-at))
	p.blocks.give(slot)
}
