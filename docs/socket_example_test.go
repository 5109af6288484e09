package docs_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

const (
	toServer = "─────▶"
	toClient = "◀─────"
)

// turn is a message of the conversation that api.md shows; close 1000 ends it.
type turn struct {
	fromServer bool
	text       string
}

var object = regexp.MustCompile(`(?s)\{.*\}`)

// conversation reads the page's picture of a WebSocket: a message may take two lines.
func conversation(t *testing.T, page string) (turns []turn) {
	t.Helper()
	for _, b := range fence.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(b[2], toServer) {
			continue
		}
		for line := range strings.Lines(b[2]) {
			_, rest, sent := strings.Cut(line, toClient)
			switch {
			case sent:
				turns = append(turns, turn{fromServer: true, text: strings.TrimSpace(rest)})
			case strings.Contains(line, toServer):
				turns = append(turns, turn{text: object.FindString(line)})
			case len(turns) > 0:
				turns[len(turns)-1].text += strings.TrimSpace(line)
			}
		}
		return turns
	}
	t.Fatal("api.md shows no conversation")
	return nil
}

// The conversation that api.md shows goes as shown. The change of Grace comes when she does.
func TestSocketExampleWorks(t *testing.T) {
	turns := conversation(t, pages(t)["docs/api.md"])
	if len(turns) < 10 {
		t.Fatalf("only %d messages: %v", len(turns), turns)
	}
	server := serve(t, "--node-id=node-1").public
	asked := &websocket.DialOptions{Subprotocols: []string{"presence.v1"}}
	c, _, err := websocket.Dial(t.Context(), server+"/v1/ws", asked)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, turn := range turns {
		switch {
		case !turn.fromServer:
			if err := c.Write(t.Context(), websocket.MessageText, []byte(turn.text)); err != nil {
				t.Fatalf("%s: %v", turn.text, err)
			}
		case strings.HasPrefix(turn.text, "close "):
			awaitClose(t, c, turn.text)
		default:
			if isChange(turn.text) {
				beat(t, server, "grace")
			}
			awaitMessage(t, c, turn.text)
		}
	}
}

func isChange(text string) bool {
	return strings.Contains(text, `"type":"presence"`) && !strings.Contains(text, `"req"`)
}

func awaitMessage(t *testing.T, c *websocket.Conn, shown string) {
	t.Helper()
	_, got, err := c.Read(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", shown, err)
	}
	var want, have any
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		t.Fatalf("%s: %v", shown, err)
	}
	if err := json.Unmarshal(got, &have); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s (-page +server):\n%s", shown, diff)
	}
}

func awaitClose(t *testing.T, c *websocket.Conn, shown string) {
	t.Helper()
	_, got, err := c.Read(t.Context())
	if want := "close 1000"; websocket.CloseStatus(err) != websocket.StatusNormalClosure || shown != want {
		t.Errorf("%s on the page; the server: %q, %v", shown, got, err)
	}
}
