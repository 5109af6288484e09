package abuse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// shape is a way to hold something back.
type shape struct {
	name string
	send func(net.Conn) error
	drip string // what comes after that, every second
}

// held back are sizes just below what would be refused for itself.
const (
	longHeader = 1<<20 - 1<<10
	longBody   = 4<<20 - 1<<10
)

// auth is a header line with a token; without one nothing.
func auth(token string) string {
	if token == "" {
		return ""
	}
	return "Authorization: Bearer " + token + "\r\n"
}

// heldHeaders begins a header that doesn't end.
func heldHeaders() shape {
	start := "GET /v1/presence?ids=ann HTTP/1.1\r\nHost: localhost\r\nX-Fill: "
	return shape{"headers of 1 MB held back", func(c net.Conn) error { return fill(c, start, longHeader) }, "a"}
}

// heldBodies begins a body that doesn't end.
func heldBodies(token string) shape {
	start := fmt.Sprintf("POST /v1/presence/query HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: "+
		"application/json\r\nContent-Length: %d\r\n\r\n"+
		`{"ids":["`, auth(token), 4<<20)
	return shape{"bodies of 4 MB held back", func(c net.Conn) error { return fill(c, start, longBody) }, "a"}
}

// heldHandshakes begins a TLS record that doesn't end: a ClientHello of 16 KB.
func heldHandshakes() shape {
	record := binary.BigEndian.AppendUint16([]byte{22, 3, 1}, 1<<14)
	record = append(record, 1, 0, 0x3f, 0xfc, 3, 3)
	return shape{
		"TLS handshakes held back", func(c net.Conn) error { return fill(c, string(record), 1<<14-1<<10) },
		"a",
	}
}

// muteUpgrades never say hello.
func muteUpgrades() shape {
	return shape{"upgrades without hello", func(c net.Conn) error { return upgrade(c, "") }, ""}
}

// idle connections have had one answer, and stay.
func idle(path, token string) shape {
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, auth(token))
	return shape{"idle keep-alives", func(c net.Conn) error {
		if _, err := io.WriteString(c, request); err != nil {
			return err
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}, ""}
}

// fill sends start, and so many bytes of one letter.
func fill(c net.Conn, start string, n int) error {
	if _, err := io.WriteString(c, start); err != nil {
		return err
	}
	for piece := bytes.Repeat([]byte("a"), 16<<10); n > 0; n -= len(piece) {
		if _, err := c.Write(piece[:min(n, len(piece))]); err != nil {
			return err
		}
	}
	return nil
}

// upgrade makes a WebSocket of a connection.
func upgrade(c net.Conn, token string) error {
	_,
		err := fmt.Fprintf(c, "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: "+
		"websocket\r\n%s"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cHJlc2VuY2UtYWJ1c2UhIQ==\r\nSec-WebSocket-Protocol: "+
		"presence.v1\r\n\r\n", auth(token))
	if err != nil {
		return err
	}
	return upgraded(c)
}

// upgraded reads the answer by the byte: what follows is frames.
func upgraded(c net.Conn) error {
	var head strings.Builder
	for one := make([]byte, 1); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
		if _, err := c.Read(one); err != nil {
			return err
		}
		head.Write(one)
	}
	if !strings.Contains(head.String(), " 101 ") {
		return fmt.Errorf("no upgrade: %.100s", head.String())
	}
	return nil
}

// strange are the shapes of those without a token, at a node without TLS.
func strange() []shape {
	return []shape{
		heldHeaders(), heldBodies(""), muteUpgrades(), idle("/v1/presence?ids=ann", ""),
		idle("/v1/openapi.yaml", ""),
	}
}

// all makes connections of every shape at once, an equal share each.
func (a *attacker) all(ctx context.Context, shapes []shape) {
	done := make(chan struct{})
	for _, s := range shapes {
		part := &attacker{n: a.n, to: a.to, from: a.from, conns: a.conns / len(shapes)}
		go func() {
			part.hold(ctx, s.send, s.drip)
			done <- struct{}{}
		}()
	}
	for range shapes {
		<-done
	}
}
