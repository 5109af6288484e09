package many

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

// answered is how long a write may wait for its answer: 5 s for an owner, and what it takes
// besides.
const answered = 8 * time.Second

// write is one kind of write: the i-th of its kind at a node; nil when it was taken.
type write struct {
	kind string
	do   func(ctx context.Context, nd *node, i int) error
}

// everyWrite is one of each kind that there is. None of them is about anybody of the crowd.
var everyWrite = []write{
	{"override", func(ctx context.Context, nd *node, i int) error {
		return nd.put(ctx, fmt.Sprintf("picky-%d", i), "/v1/presence/me/override", `{"override":"busy"}`)
	}},
	{"direct message", func(ctx context.Context, nd *node, i int) error {
		body := fmt.Sprintf(`{"direct_messages":[{"participants":["friend-%d","other-%d"]}]}`, i, i)
		out, err := nd.call(ctx, "POST", "service", "/v1/direct-messages", body)
		if err == nil && !strings.Contains(out, `"accepted":1`) {
			err = refusedWith(http.StatusOK, out)
		}
		return err
	}},
	{"registration", func(ctx context.Context, nd *node, i int) error {
		return nd.put(ctx, "service", fmt.Sprintf("/v1/participants/robot-%d", i), `{"kind":"helper"}`)
	}},
	{"join", func(ctx context.Context, nd *node, i int) error {
		return nd.put(ctx, fmt.Sprintf("joiner-%d", i), "/v1/presence/me/devices/phone", `{"activity":"online"}`)
	}},
	{"flip", func(ctx context.Context, nd *node, i int) error {
		body := []string{`{"activity":"online"}`, `{"activity":"idle"}`}[i/50%2]
		return nd.put(ctx, fmt.Sprintf("flipper-%d", i%50), "/v1/presence/me/devices/phone", body)
	}},
	{"sign-out", func(ctx context.Context, nd *node, i int) error {
		_, err := nd.call(ctx, "DELETE", fmt.Sprintf("joiner-%d", max(0, i-50)), "/v1/presence/me/devices/phone", "")
		return err
	}},
	{"hello", hello},
}

// hello is a visit by WebSocket.
func hello(ctx context.Context, nd *node, i int) error {
	visit, leave := context.WithCancel(ctx)
	defer leave()
	var refused error
	welcomed := false
	visitor := presence.New(presence.Config{
		Server: "http://" + nd.addr, Token: fmt.Sprintf("visitor-%d", i), Device: "tab", HTTP: client,
	})
	err := visitor.Run(visit, func(event presence.Event) {
		switch e := event.(type) {
		case presence.Welcome:
			welcomed = true
			leave()
		case presence.Lost:
			refused = e.Err
			leave()
		}
	})
	if welcomed {
		return nil
	}
	return errors.Join(err, refused, ctx.Err())
}

func (nd *node) put(ctx context.Context, token, path, body string) error {
	_, err := nd.call(ctx, "PUT", token, path, body)
	return err
}

// call is do, with an error for any status but 2xx.
func (nd *node) call(ctx context.Context, method, token, path, body string) (string, error) {
	out, status, err := nd.do(ctx, method, path, token, []byte(body))
	if err == nil && status/100 != 2 {
		err = refusedWith(status, string(out))
	}
	return string(out), err
}

// refusal is an answer that says no.
type refusal struct {
	status int
	code   string
}

var codeOf = regexp.MustCompile(`"code":"(\w+)"`)

func refusedWith(status int, text string) error {
	if found := codeOf.FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	return &refusal{status, text}
}

func (r *refusal) Error() string { return fmt.Sprintf("status %d, %.200s", r.status, r.code) }

// unavailable reports whether a write was refused as one that may be sent again.
func unavailable(err error) bool {
	if e, ok := errors.AsType[*presence.Error](err); ok {
		return e.Code == "unavailable"
	}
	r, ok := errors.AsType[*refusal](err)
	return ok && (r.status == http.StatusServiceUnavailable || r.code == "unavailable")
}
