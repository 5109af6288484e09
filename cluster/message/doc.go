// Package message names what nodes ask of each other, and reads and writes what these messages are
// made of: participants, devices, partitions, handles, views.
//
// The numbers of the operations, and all that is written here, are part of the protocol between
// nodes (see cluster.Peers): what changes them needs another version of it.
package message
