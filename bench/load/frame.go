package load

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// RFC 6455. Frames of a server aren't masked; presence sends text in one piece, pings and closes.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8a

	masked        = 0x80
	maxFrameBytes = 4 << 20 // from a server; a snapshot of 5,000 ids has 700 KB at most
)

var errFrame = errors.New("load: a frame that presence does not send")

// appendFrame appends a client's frame. Its mask is zeros: a mask protects proxies from scripts,
// and there are neither.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	switch n := len(payload); {
	case n < 126:
		b = append(b, op, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, op, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, op, masked|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// readFrame reads one frame. The payload is valid until the next one: it is in r's buffer, or in
// *large when it doesn't fit.
func readFrame(r *bufio.Reader, large *[]byte) (op byte, payload []byte, err error) {
	head, err := r.Peek(2)
	if err != nil {
		return 0, nil, err
	}
	op, size, header := head[0], uint64(head[1]), 2
	switch size {
	case 126:
		header = 4
	case 127:
		header = 10
	}
	if head, err = r.Peek(header); err != nil {
		return 0, nil, err
	}
	switch header {
	case 4:
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 10:
		size = binary.BigEndian.Uint64(head[2:])
	}
	if size > maxFrameBytes {
		return 0, nil, errFrame
	}
	_, _ = r.Discard(header)
	if int(size) > r.Size() {
		*large = append((*large)[:0], make([]byte, size)...)
		_, err = io.ReadFull(r, *large)
		return op, *large, err
	}
	payload, err = r.Peek(int(size))
	_, _ = r.Discard(len(payload)) // what was peeked stays in the buffer until the next read
	return op, payload, err
}
