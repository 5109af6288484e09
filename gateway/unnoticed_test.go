package gateway

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// notes are what viewers are told, each with its moment.
type notes struct {
	mu    sync.Mutex
	start time.Time
	of    map[string][]string
}

func (n *notes) add(who, what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.of[who] = append(n.of[who], fmt.Sprintf("%v %s", time.Since(n.start), what))
}

// behindIt is what ada does, and others do for her, while she hides.
var behindIt = []string{
	`ada PUT status {"text":"one"}`, `ada PUT status {"text":"two","expires_in":3}`,
	`ada PUT devices/phone {"activity":"idle"}`, `ada PUT status {"emoji":"x","expires_in":60}`,
	`ada DELETE status`, `ada DELETE status`, `back|s PUT status {"text":"for her"}`,
	`back|s PUT status {"text":"for her","public":false}`, `back|s PUT busy/call {"expires_in":3}`,
	`back|s PUT busy/calendar {"expires_in":60}`, `ada DELETE busy/calendar`, `back|s DELETE status?public=false`,
	`ada PUT override {"override":"appear_offline","expires_in":9000}`, `ada PUT status {"text":"three"}`,
	`ada PUT override {"override":"appear_offline"}`, `ada DELETE devices/phone`,
	`ada PUT devices/phone {"activity":"online"}`,
	`back|s PUT busy/call {"expires_in":90}`, `back|s PUT busy/call {"expires_in":3}`,
	`ada PUT status {"text":"four","expires_in":1}`,
}

// TestWhatIsSaidBehindIsUnnoticed: all others, with statuses or without, are told the same at the
// same moments of one that has gone, and of one that hides, says this and that, and is claimed.
func TestWhatIsSaidBehindIsUnnoticed(t *testing.T) {
	var told [2]map[string][]string
	for i, hides := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { told[i] = watchADay(t, hides) })
	}
	if d := cmp.Diff(told[0], told[1]); d != "" {
		t.Errorf("of one that has gone (-), and of one that hides (+):\n%s", d)
	}
	for who, lines := range told[1] {
		all := strings.Join(lines, "\n")
		if blocked := strings.HasPrefix(who, "blocked"); strings.Contains(all, "stood") == blocked || len(lines) < 3 {
			t.Errorf("%s is told %s", who, all)
		}
		if strings.HasPrefix(who, "zoe") && !strings.Contains(all, `"ada":null`) && !strings.Contains(who, "asks") {
			t.Errorf("%s is not told of the end: %s", who, all)
		}
	}
}

// watchADay has ada say something, and go, or hide and do what she likes. Others watch and ask.
func watchADay(t *testing.T, hides bool) map[string][]string {
	s := serve(t)
	n := &notes{start: time.Now(), of: map[string][]string{}}
	viewers := []string{"zoe", "ally", "blocked", "back|s"}
	do := func(call string) {
		t.Helper()
		part := strings.SplitN(call, " ", 4)
		s.do(part[1], "/v1/presence/ada/"+part[2], part[0], strings.Join(part[3:], "")).want(204, "")
	}
	s.do("PUT", "/v1/participants/ada/blocks/blocked", "ada", "").want(204, "")
	edge, message := `{"participant_id":"ada","viewer":"ally","allow":true}`, `{"participants":["ada","friend"]}`
	s.do("POST", "/v1/visibility", "back|s", `{"edges":[`+edge+`]}`).want(200, "")
	s.do("POST", "/v1/direct-messages", "back|s", `{"direct_messages":[`+message+`]}`).want(200, "")
	do(`ada PUT status {"text":"stood","expires_in":150}`)
	do(`ada PUT devices/phone {"activity":"online"}`)
	for _, viewer := range viewers {
		go n.follow(s.stream(t, "ids=ada&with=status", viewer), viewer+" streams")
	}
	n.listen(t, s, "zoe")
	time.Sleep(time.Second)
	if hides {
		do(`ada PUT override {"override":"appear_offline"}`)
	} else {
		do(`ada DELETE devices/phone`)
	}
	for _, call := range behindIt {
		time.Sleep(10 * time.Second)
		if hides {
			do(call)
		}
		for _, viewer := range viewers {
			n.ask(s, viewer)
		}
	}
	return n.of
}

// ask asks in each way.
func (n *notes) ask(s *serving, viewer string) {
	for _, path := range []string{"?ids=ada", "?ids=ada&with=status", "?ids=ada,b&with=status,last_seen", "/ada"} {
		a := s.do("GET", "/v1/presence"+path, viewer, "")
		n.add(viewer+" asks", fmt.Sprint(path, " ", a.status, a.header, a.body))
	}
}

// follow notes the blocks of a stream.
func (n *notes) follow(st *reading, who string) {
	for block := ""; ; {
		line, err := st.in.ReadString('\n')
		if err != nil {
			return
		}
		if block += line; line == "\n" {
			n.add(who, block)
			block = ""
		}
	}
}

// listen notes the frames of a socket that watches with status.
func (n *notes) listen(t *testing.T, s *serving, viewer string) {
	ws := s.dial(t, viewer)
	say(t, ws, `{"type":"hello"}`)
	await(t, ws, `"type":"self"`)
	say(t, ws, `{"type":"subscribe","ids":["ada"],"with":["status"]}`)
	go func() {
		for {
			_, frame, err := ws.Read(t.Context())
			if err != nil {
				return
			}
			n.add(viewer+" listens", string(frame))
		}
	}()
}
