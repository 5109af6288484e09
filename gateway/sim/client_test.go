package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/cluster/memnet"
)

// frame is any message of the WebSocket.
type frame struct {
	Type     string            `json:"type"`
	Req      string            `json:"req,omitzero"`
	Token    string            `json:"token,omitzero"`
	DeviceID string            `json:"device_id,omitzero"`
	Activity string            `json:"activity,omitzero"`
	Override string            `json:"override,omitzero"`
	State    string            `json:"state,omitzero"`
	IDs      []string          `json:"ids,omitzero"`
	With     []string          `json:"with,omitzero"`
	States   map[string]string `json:"states,omitzero"`
	Statuses map[string]*told  `json:"statuses,omitzero"`
	Code     string            `json:"code,omitzero"`
	Message  string            `json:"message,omitzero"`
	AfterMS  int64             `json:"after_ms,omitzero"`
	// of a welcome
	ParticipantID string `json:"participant_id,omitzero"`
	Interval      int64  `json:"heartbeat_interval_ms,omitzero"`
	Node          string `json:"node,omitzero"`
}

// socket is one WebSocket. on gets what isn't an answer.
type socket struct {
	ws *websocket.Conn
	on func(frame)

	mu      sync.Mutex
	last    int
	waiting map[string]chan frame
	err     error     // why it ended
	spoke   time.Time // when it said something last
	gone    bool      // the client has closed it
	ended   chan struct{}
}

// said is when it said something last.
func (s *socket) said() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spoke
}

// leave closes the socket without a word, unless it has ended.
func (s *socket) leave() {
	select {
	case <-s.ended:
		return
	default:
	}
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	_ = s.ws.CloseNow()
}

// left says whether the client has closed it.
func (s *socket) left() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// httpClient is somebody's browser at a host.
func httpClient(h *memnet.Host) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn,
			error,
		) {
			return h.Dial(ctx, network, addr)
		},
		DisableKeepAlives: true,
	}}
}

// dial opens a socket; nothing is said yet.
func dial(ctx context.Context, h *memnet.Host, address string, on func(frame)) (*socket, error) {
	ws, _, err := websocket.Dial(ctx, fmt.Sprintf("ws://%s:%d/v1/ws", address, publicPort), &websocket.DialOptions{
		HTTPClient: httpClient(h), Subprotocols: []string{"presence.v1"},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(4 << 20)
	s := &socket{ws: ws, on: on, waiting: make(map[string]chan frame), ended: make(chan struct{})}
	go s.read()
	return s, nil
}

func (s *socket) read() {
	defer close(s.ended)
	for {
		_, b, err := s.ws.Read(context.Background())
		if err != nil {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
			_ = s.ws.CloseNow()
			return
		}
		var f frame
		if err := json.Unmarshal(b, &f); err != nil {
			panic(fmt.Sprintf("a gateway sent %q: %v", b, err))
		}
		s.mu.Lock()
		answer := s.waiting[f.Req]
		delete(s.waiting, f.Req)
		s.mu.Unlock()
		if f.Req != "" && answer != nil {
			answer <- f
		} else if f.Req == "" {
			s.on(f)
		}
	}
}

var errEnded = errors.New("the socket has ended")

// ask sends a message and waits for its answer.
func (s *socket) ask(ctx context.Context, f frame) (frame, error) {
	answer := make(chan frame, 1)
	s.mu.Lock()
	s.last++
	f.Req = strconv.Itoa(s.last)
	s.waiting[f.Req] = answer
	s.spoke = time.Now()
	s.mu.Unlock()
	b, err := json.Marshal(f)
	if err != nil {
		return frame{}, err
	}
	if err := s.ws.Write(ctx, websocket.MessageText, b); err != nil {
		return frame{}, err
	}
	select {
	case f := <-answer:
		if f.Type == "error" {
			return f, fmt.Errorf("%s: %s", f.Code, f.Message)
		}
		return f, nil
	case <-s.ended:
		return frame{}, errEnded
	case <-ctx.Done():
		return frame{}, ctx.Err()
	}
}

// closeCode is the code with which the gateway ended it, or -1.
func (s *socket) closeCode() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(websocket.CloseStatus(s.err))
}

// call is an HTTP call with the rights of a backend.
func call(ctx context.Context, h *memnet.Host, address, method, path string, body, out any) (unknown int, err error) {
	return callAs(ctx, h, "service", address, method, path, body, out)
}

func callAs(
	ctx context.Context, h *memnet.Host, token, address, method, path string, body, out any,
) (unknown int, err error) {
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		reader = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("http://%s:%d%s", address, publicPort, path), reader)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := httpClient(h).Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return 0, fmt.Errorf("%s: %.200s", resp.Status, b)
	}
	unknown, _ = strconv.Atoi(resp.Header.Get("Presence-Unknown"))
	if out != nil {
		err = json.Unmarshal(b, out)
	}
	return unknown, err
}

// askTimeout is how long a client waits for an answer: longer than the gateway does.
const askTimeout = 8 * time.Second
