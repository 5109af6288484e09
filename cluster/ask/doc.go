// Package ask is what can be asked of the owner of a participant: how it is written for another
// node, how it is carried out, and what is answered.
//
//	Asker ── Write, Read ─▶ owner ─┬─▶ here:  Operation ─────────────────────▶ carryOut ─▶ host
//	                               └─▶ there: Operation ─ bytes ─ Operation ─▶ carryOut ─▶ host
//
// An Operation is one type. The owner carries it out in one way, whether it was asked by a caller
// of its own process or over a link. Only what comes over a link goes through bytes.
//
// # What a command waits for
//
// An override, a registration, a window, an edge, a block, a visibility or an erasure is a fact. It
// is acknowledged when the backup has it, and the disk of both if there is one. A fact waits only
// while there is hope: a backup that is silent may have died, and then another one comes; one that
// answers pulses and no calls is slow, and one whose disk hangs has it in memory only. Those are
// refused at once. What a full disk, or one that has failed, would refuse is refused before it is
// stored.
//
// A sign-out is acknowledged when the backup has it in memory: nobody is online by what is on a
// disk. A join, a leave or a flip waits for the backup for 500 ms at most, and a heartbeat that
// changes nothing for nothing.
//
// # Erasure
//
// An erasure is a fact of the participant's own partition, and goes the way of an override: owner,
// backup, disks. What others have with the participant lies in their partitions:
//
//	Erase ─▶ owner: erasure ─▶ backup, disks        the participant itself is forgotten
//	  └────▶ all owners: Strike ─▶ backups, disks   windows that others have with it
//	         each node: disk.Log.Shorten            its files are written anew without it
//
// Strike is acknowledged by the node that serves a partition, for each of them: so none is passed
// over that is on its way between two nodes. What a node brings later that was away the erasure
// refuses where it is remembered. A partition that had nothing to forget doesn't remember it, and
// may be given something later, such as a window that the other side of a cut has kept. That stays
// until the next sweep. Both sides of a message are asked for before the first one is stored, so
// one from before an erasure leaves no half (type Room).
package ask
