// Package sweep forgets, now and then, what came back of participants that are erased: a partition
// that had nothing of one when it was struck doesn't remember the erasure (see package ask).
//
//	owners ── what is remembered? ─▶ Strike here ─▶ files are written anew, if there was something
//
// It also decides when this node's files have to be written anew after a Strike: where something
// was struck, or where an erased participant may have been before.
//
// It doesn't make sure that an erasure is known everywhere: that the owners remember it is enough.
package sweep
