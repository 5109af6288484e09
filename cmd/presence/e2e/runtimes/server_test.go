package runtimes

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// conn is a connection to a server that is not one of ours.
type conn struct {
	net.Conn
	request *http.Request
}

// serve starts a server that does the same with each connection, and returns its address. It ends
// with the test.
func serve(t *testing.T, act func(*conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go handle(c, act)
		}
	}()
	return "http://" + l.Addr().String()
}

func handle(c net.Conn, act func(*conn)) {
	defer c.Close()
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	act(&conn{c, request})
}

// refuse is a server that refuses the origin.
func refuse(c *conn) {
	fmt.Fprint(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

// silence never answers the handshake.
func silence(c *conn) { io.Copy(io.Discard, c) }

// welcome opens the socket, says welcome, and hears nothing of what comes then, as a process that
// hangs.
func welcome(c *conn) {
	const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // of RFC 6455, 1.3
	sum := sha1.Sum([]byte(c.request.Header.Get("Sec-WebSocket-Key") + magic))
	fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Protocol: presence.v1\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	text := `{"type":"welcome","participant_id":"ada","heartbeat_interval_ms":30000,"node":"n1"}`
	c.Write(append([]byte{0x81, byte(len(text))}, text...)) // one frame, under 126 bytes
	io.Copy(io.Discard, c)
}
