package link

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// once is a listener that has one connection, and no other.
type once struct{ conns chan net.Conn }

func (o once) Accept() (net.Conn, error) {
	if c, ok := <-o.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (o once) Close() error   { return nil }
func (o once) Addr() net.Addr { return &net.TCPAddr{} }

// silentEnd is a connection whose other end reads nothing once it is there.
func silentEnd(t *testing.T) *websocket.Conn {
	here, there := net.Pipe()
	l := once{make(chan net.Conn, 1)}
	l.conns <- there
	accepted := make(chan struct{})
	s := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = websocket.Accept(w, r, nil)
		close(accepted)
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { close(l.conns); _ = s.Close(); _ = there.Close() })
	transport := http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
	ws, _, err := websocket.Dial(t.Context(), "ws://peer/", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	<-accepted
	return ws
}

// TestStalled: a message that does not leave ends the connection, also if the other end is heard;
// those that leave in time don't, however late they come.
func TestStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConn(silentEnd(t), true, Hot, Name{ID: "b", Boot: "1"}, local("a", newSide()))
		ended := make(chan error, 2)
		go func() { ended <- c.read() }()
		go func() { c.write(); ended <- nil }()
		time.Sleep(3 * writeTimeout)
		if err := context.Cause(c.ctx); err != nil {
			t.Errorf("without a message it ended: %v", err)
		}
		begun := time.Now()
		c.send(kindPush, 1, 0, []byte("a message"))
		<-ended
		<-ended
		if err := context.Cause(c.ctx); !errors.Is(err, errStalled) || time.Since(begun) != writeTimeout {
			t.Errorf("ended after %v: %v", time.Since(begun), err)
		}
	})
}
