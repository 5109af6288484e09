// Package message names what nodes ask of each other, and reads and writes the parts of these
// messages: participants, devices, partitions, handles, views.
//
// The numbers of the operations, and all that is written here, are part of the protocol between
// nodes. A change of them needs another protocol, and is written to nodes that know it (package
// cluster/protocol).
package message
