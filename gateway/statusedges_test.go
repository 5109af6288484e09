package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/scaiwave/presence/gateway/wire"
)

// fate wants a PUT to be taken, or else to be refused as a bad_request of which the cluster hears
// nothing.
func (g *gate) fate(taken bool, path, body string) {
	g.t.Helper()
	a := g.do("PUT", path, "back|s", body)
	if taken {
		a.want(204, "")
	} else {
		a.problem(wire.BadRequest, "")
	}
	if said := g.node.said.take(); len(said) > 0 != taken {
		g.t.Errorf("%s: the cluster heard %q", body, said)
	}
}

// TestTextsOfStatuses: bytes count, control characters are refused however they are written, and
// nothing else is.
func TestTextsOfStatuses(t *testing.T) {
	g := newGate(t)
	g.node.said.only = true
	const status = "/v1/presence/ada/status"
	for r := rune(0); r < 0x100; r++ {
		for _, name := range []string{"text", "emoji"} {
			g.fate(!unicode.IsControl(r), status, fmt.Sprintf(`{%q:"a\u%04x"}`, name, r))
			if r >= ' ' && r != '"' && r != '\\' {
				g.fate(!unicode.IsControl(r), status, fmt.Sprintf(`{%q:"%ca"}`, name, r))
			}
		}
	}
	for text, taken := range map[string]bool{
		" ": true, "\u2028": true, "\u202e": true, "\ufffe": true, "\U0010ffff": true, `\ud83d\ude86`: true, `\/`: true,
		`\ud83d`: false, `\ude86\ud83d`: false, "\xff": false, "\xed\xa0\xbd": false, "\xc0\x80": false, "\n": false,
	} {
		g.fate(taken, status, `{"text":"`+text+`"}`)
		g.fate(taken, status, `{"emoji":"`+text+`"}`)
	}
	for name, most := range map[string]int{"text": 256, "emoji": 32} {
		for text, size := range map[string]int{"x": 1, "é": 2, "🚆": 4, `\ud83d\ude86`: 4} {
			g.fate(true, status, fmt.Sprintf(`{%q:"%s"}`, name, strings.Repeat(text, most/size)))
			g.fate(false, status, fmt.Sprintf(`{%q:"%s"}`, name, strings.Repeat(text, most/size)+"x"))
		}
	}
}

// TestShapesOfStatuses: each member has one type, and may be null or left out where that means
// something.
func TestShapesOfStatuses(t *testing.T) {
	g := newGate(t)
	g.node.said.only = true
	const status, busy, bot = "/v1/presence/ada/status", "/v1/presence/ada/busy/call", "/v1/participants/bot"
	for _, body := range []string{
		"", " ", "null", "[]", `"x"`, "5", "{}", `{"text":"x"}{}`, `{"text":"x"`, `{"text":"x","text":"y"}`, `{"Text":"x"}`,
		`{"text":["x"]}`, `{"text":true}`, `{"text":{"text":"x"}}`, `{"emoji":5}`, `{"emoji":null,"text":null}`,
		`{"status":{"text":"x"}}`, `{"status":null}`, `{"text":"x","with":"status"}`, `{"text":"x","public":"true"}`,
		`{"text":"x","public":1}`, `{"text":"x","public":null}`, `{"public":true}`, `{"expires_in":5}`,
	} {
		g.fate(false, status, body)
	}
	for _, body := range []string{
		"", "null", "{}", `{"expires_in":5,"text":"x"}`, `{"expires_in":5,"source":"call"}`, `[5]`,
	} {
		g.fate(false, busy, body)
	}
	for _, body := range []string{
		`{"availability":"heartbeat"}`, `{"kind":null,"availability":"heartbeat"}`, `{"kind":"helper","availability":""}`,
		`{"kind":"helper","availability":"Always"}`, `{"kind":"helper","availability":true}`,
		`{"kind":"human","availability":"heartbeat"}`, `{"kind":"human","availability":null}`,
	} {
		g.fate(false, bot, body)
	}
	for _, source := range []string{
		"", "A", "a%20b", "a%2fb", "%C3%A9", "a%00", "a,b", "a:b", "%ff", strings.Repeat("a", 33),
	} {
		g.fate(false, "/v1/presence/ada/busy/"+source, `{"expires_in":5}`)
	}
	for _, source := range []string{"a", ".", "..", "-", "_", "0", "%61", strings.Repeat("z", 32)} {
		g.fate(true, "/v1/presence/ada/busy/"+source, `{"expires_in":5}`)
	}
}

// TestShapesOfEnds: what is an end, for all that may have one.
func TestShapesOfEnds(t *testing.T) {
	g := newGate(t)
	g.node.said.only = true
	shapes := map[string]string{
		"/v1/presence/ada/status": `{"text":"x",%s}`, "/v1/presence/ada/override": `{"override":"busy",%s}`,
		"/v1/presence/ada/busy/call": `{%s}`,
	}
	ends := func(taken bool, member string) {
		t.Helper()
		for path, body := range shapes {
			g.fate(taken, path, fmt.Sprintf(body, member))
		}
	}
	for _, n := range []string{
		"0", "-0", "-1", "1.5", "0.1", "1e400", "1e99", "9223372036854775808", "-9223372036854775808",
		`"5"`, "true", "[5]", "{}", "31622401", "05", "+5", "5.", "NaN",
	} {
		ends(false, `"expires_in":`+n)
	}
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	text := soon.Format("2006-01-02T15:04:05")
	for _, at := range []string{
		text, text + "+01", text + "+0100", text + "+24:00", text + " Z", text + ".Z", text + ",5Z",
		strings.Replace(text, "T", " ", 1) + "Z",
		text[:10], text[:16] + "Z", text[:17] + "60Z", text[:11] + "24:00:00Z", "", "now", strconv.FormatInt(soon.Unix(), 10),
		"2026-02-29T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "12026-01-01T00:00:00Z",
		in(-time.Second), in(366*24*time.Hour + time.Minute),
	} {
		ends(false, `"expires_at":`+strconv.Quote(at))
	}
	for _, at := range []string{strconv.FormatInt(soon.Unix(), 10), "true", "{}", `["` + text + `Z"]`} {
		ends(false, `"expires_at":`+at)
	}
	ends(false, `"expires_in":5,"expires_at":"`+text+`Z"`)
	ends(true, `"expires_in":5,"expires_at":null`)
	ends(true, `"expires_in":null,"expires_at":"`+text+`Z"`)
	ends(true, `"expires_in":2592000`)
	for _, at := range []string{
		text + "Z", strings.ToLower(text) + "z", text + ".123456789Z", text + ".5+00:00", text + "-00:00",
		soon.In(time.FixedZone("", -12*3600)).Format(time.RFC3339),
		soon.In(time.FixedZone("", 14*3600)).Format(time.RFC3339),
	} {
		ends(true, `"expires_at":`+strconv.Quote(at))
	}
}
