package centrifugo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// fake speaks as much of Centrifugo's protocol as is used here, so that a test needs no program
// that takes minutes to build.
type fake struct {
	pongs chan struct{} // gets one for the answer to a ping

	mu       sync.Mutex
	channels map[string][]*websocket.Conn
}

// Channels that a test uses for what goes wrong.
const (
	refused = "refused" // can't be joined
	dropped = "dropped" // the connection ends after joining
)

func newFake() *fake {
	return &fake{pongs: make(chan struct{}, 1), channels: make(map[string][]*websocket.Conn)}
}

// serve is what this program does when it is started as Centrifugo.
func serve(config string) error {
	text, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	var c struct {
		Server struct {
			Address string `json:"address"`
			Port    int    `json:"port"`
		} `json:"http_server"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	return http.ListenAndServe(fmt.Sprintf("%s:%d", c.Server.Address, c.Server.Port), newFake())
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch r.URL.Path {
	case "/connection/websocket":
		f.connection(w, r)
	case "/health":
	case "/api/publish":
		f.publish(channelsOf(body)[0])
	default:
		for _, channel := range channelsOf(body) {
			fmt.Fprintln(w, f.presence(channel, bytes.Contains(body, []byte("stats")) || strings.Contains(r.URL.Path, "stats")))
		}
	}
}

// channelsOf returns the channels that a request or a command names.
func channelsOf(text []byte) (all []string) {
	for _, part := range strings.Split(string(text), `"channel":"`)[1:] {
		channel, _, _ := strings.Cut(part, `"`)
		all = append(all, channel)
	}
	return all
}

func (f *fake) presence(channel string, stats bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.channels[channel])
	if stats {
		return fmt.Sprintf(`{"result":{"num_clients":%d,"num_users":1}}`, n)
	}
	return `{"result":{"presence":{` + strings.Repeat(`"c":{"client":"c","user":""}`, n) + `}}}`
}

func (f *fake) publish(channel string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.channels[channel] {
		say(c, `{"push":{"channel":"`+channel+`","pub":{"data":{}}}}`)
	}
}

func say(c *websocket.Conn, text string) {
	_ = c.Write(context.Background(), websocket.MessageText, []byte(text))
}

func (f *fake) connection(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		_, text, err := c.Read(r.Context())
		if err != nil || !f.commands(c, text) {
			f.left(c)
			return
		}
	}
}

// commands carries out what a client sends, and reports whether the connection stays. With the
// answer to a subscription it pings.
func (f *fake) commands(c *websocket.Conn, text []byte) bool {
	if string(text) == "{}" {
		select {
		case f.pongs <- struct{}{}:
		default:
		}
		return true
	}
	channel := channelsOf(text)[0]
	say(c, `{"id":1,"connect":{"client":"c","ping":25,"pong":true}}`)
	if channel == refused {
		say(c, `{"id":2,"error":{"code":103,"message":"permission denied"}}`)
		return true
	}
	f.mu.Lock()
	f.channels[channel] = append(f.channels[channel], c)
	f.mu.Unlock()
	say(c, `{"id":2,"subscribe":{}}`)
	say(c, `{"push":{"channel":"elsewhere","join":{}}}`+"\n{}")
	return channel != dropped
}

func (f *fake) left(c *websocket.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for channel, all := range f.channels {
		f.channels[channel] = slices.DeleteFunc(all, func(one *websocket.Conn) bool { return one == c })
	}
}
