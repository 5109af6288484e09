// Package codec reads the binary messages that nodes send each other, and what they keep on disks.
//
// All such bytes come from elsewhere and may be damaged, so there is one reader for all of them.
// Its error is sticky: after the first mistake it reads zeros, and a caller checks once, at the
// end. Its counts are bounded by the bytes that are there, so a message takes no more memory than
// it brought.
//
// Integers of a fixed size are big-endian. A text has its length before it, in one byte; bytes have
// theirs in four. Writing needs no more than encoding/binary, and AppendText and AppendBytes.
package codec
