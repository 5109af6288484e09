package codec

import "encoding/binary"

// AppendText writes a text of at most 255 bytes, after its length in one byte.
func AppendText[T string | []byte](b []byte, s T) []byte {
	return append(append(b, byte(len(s))), s...)
}

// AppendBytes writes bytes after their length in four.
func AppendBytes(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
