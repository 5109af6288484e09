// Package keyfiles keeps what is read from certificate and key files equal to the files.
//
//	peer certificate, key, authorities ─▶ Files ─▶ link.TLS        Look every 2 s, by cmd
//	certificate and key for clients    ─▶ Files ─▶ the public TLS  likewise
//	gossip keys                        ─▶ Files ─▶ the keyring     Look every 5 to 10 s, by gossip
//
// Three packages need it: gossip and link, which must not know each other's files, and cmd. Imports
// only go down, so it can be in none of the three.
//
// # The flow
//
//  1. Load reads the files for the first time. Content that can't be used is an error, and the node
//     does not start.
//  2. Look reads them again and compares the content. Modification times don't count: they miss a
//     change within their resolution, and a Kubernetes secret changes by way of a symbolic link.
//  3. New content that can be used replaces the old one in one step: Current never sees half of it.
//  4. Content that can't be used leaves the last good one in use. Each such Look is counted, so the
//     counter grows for as long as the files are wrong. The log has a line for each cause, not for
//     each Look.
//
// A renewal that writes two files one after the other may be seen between the two. That is a
// failure like any other, with its line in the log, and the next Look finds both.
//
// Files.mu is held over one Look, and so over reading, which takes as long as the disk does, over
// the caller's read and over the logger. Current reads no file and takes no lock: a disk that hangs
// must not hold up handshakes.
//
// # What it does not do
//
// It starts nothing: the caller of Load calls Look. It judges certificates by their form alone. Who
// signed them, whom they name and until when they are good is for their users to check.
package keyfiles
