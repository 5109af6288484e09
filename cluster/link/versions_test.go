package link

import (
	"net/http"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/protocol"
)

// TestVersionsSpeakTheHighestOfBoth: both ends of a link know it.
func TestVersionsSpeakTheHighestOfBoth(t *testing.T) {
	for _, tc := range []struct {
		there protocol.Range
		want  int
	}{{protocol.Range{Lowest: 6, Highest: 7}, 7}, {protocol.Spoken, 8}, {protocol.Range{Lowest: 8, Highest: 9}, 8}} {
		for _, dials := range []bool{false, true} {
			a, b := newSide(), newSide()
			here, there := local("a", a), local("b", b)
			there.Terms.Range = tc.there
			if dials {
				here.Terms, there.Terms = there.Terms, here.Terms
			}
			pair(t, here, there)
			for _, s := range []*side{a, b} {
				if got := (<-s.opened).Protocol(); got != tc.want {
					t.Errorf("with %v, which dials: %v: %d, want %d", tc.there, dials, got, tc.want)
				}
			}
		}
	}
}

// TestHandshakeOfProtocolSix: a node of protocol 6 says no range. It is told why it is refused.
func TestHandshakeOfProtocolSix(t *testing.T) {
	address, lines := listen(t, local("b", newSide()))
	h := fitting()
	h.Set(headerProtocol, "6 p=1")
	h.Del(headerSpeaks)
	if status, _ := knock(t, address, path, h); status != http.StatusForbidden {
		t.Errorf("status %d", status)
	}
	const says = "it speaks protocols 6-6, and this node 7-8; upgrade by one release at a time"
	if line := <-lines.lines; !strings.Contains(line, says) {
		t.Errorf("logged %s, want %s", line, says)
	}
}

// TestLaterWordsAreCompared: gossip doesn't carry them, so links must.
func TestLaterWordsAreCompared(t *testing.T) {
	home := local("b", newSide())
	home.Terms.Later = "viewer=1a"
	address, lines := listen(t, home)
	for speaks, says := range map[string]string{
		"7-8 viewer=2b":        `there "viewer=2b", here "viewer=1a"`,
		"7-8":                  `there "", here "viewer=1a"`,
		"8-9 viewer=2b hops=3": `there "viewer=2b", here "viewer=1a"`,
		"9-10 viewer=1a":       "it speaks protocols 9-10, and this node 7-8",
		"seven":                `a protocol that no version speaks: "seven"`,
	} {
		h := fitting()
		h.Set(headerSpeaks, speaks)
		if status, _ := knock(t, address, path, h); status != http.StatusForbidden {
			t.Errorf("%s: status %d", speaks, status)
		}
		if line := strings.ReplaceAll(<-lines.lines, `\"`, `"`); !strings.Contains(line, says) {
			t.Errorf("%s: logged %s, want %s", speaks, line, says)
		}
	}
	for _, speaks := range []string{"", "6-7 viewer=1a", "8-9 hops=3 viewer=1a"} {
		h := fitting()
		h.Set(headerSpeaks, speaks)
		if status, _ := knock(t, address, path, h); status != http.StatusSwitchingProtocols {
			t.Errorf("%q: status %d", speaks, status)
		}
	}
}
