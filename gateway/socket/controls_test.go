package socket

import (
	"bufio"
	"bytes"
	"net"
	"testing"
	"testing/synctest"
)

// wholeWrites keeps what is written, each write by itself.
type wholeWrites struct {
	net.Conn
	all [][]byte
}

func (w *wholeWrites) Write(p []byte) (int, error) {
	w.all = append(w.all, bytes.Clone(p))
	return len(p), nil
}

// TestControls: a control frame of any size is one write, however small the library's buffer is.
func TestControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		defer e.close()
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		w := &wholeWrites{Conn: ours}
		g := &guard{Conn: w, of: newConn(e.srv, nil)}
		b := bufio.NewWriterSize((*controls)(g), libraryBufferBytes)
		for size := range len16 {
			frame := append([]byte{finPing, byte(size)}, bytes.Repeat([]byte{'x'}, size)...)
			for _, p := range [][]byte{frame[:1], frame[1:2], frame[2:]} { // as the library does
				_, _ = b.Write(p)
			}
			if err := b.Flush(); err != nil || len(w.all) != size+1 || !bytes.Equal(w.all[size], frame) {
				t.Fatalf("%d bytes: %d writes, the last %q, %v", size, len(w.all), w.all[len(w.all)-1], err)
			}
		}
	})
}
