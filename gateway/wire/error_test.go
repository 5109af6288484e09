package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFromError(t *testing.T) {
	tests := []struct {
		err  error
		want Code
	}{
		{shard.ValidateParticipant("a b"), InvalidID},
		{fmt.Errorf("x: %w", cluster.ErrTooManyDevices), TooManyDevices},
		{cluster.ErrReplaced, BadRequest},
		{cluster.ErrGone, BadRequest},
		{fmt.Errorf("x: %w", cluster.ErrUnavailable), Unavailable},
		{fmt.Errorf("x: %w", cluster.ErrCrowded), Unavailable},
		{fmt.Errorf("x: %w", cluster.ErrFull), Unavailable},
		{fmt.Errorf("x: %w", &cluster.DiskError{Words: "full"}), Unavailable},
		{context.DeadlineExceeded, Unavailable},
		{errors.New("secret"), Unavailable},
		{fmt.Errorf("x: %w", Errorf(Forbidden, "no")), Forbidden},
	}
	for _, tt := range tests {
		got := FromError(tt.err)
		if got.Code != tt.want {
			t.Errorf("FromError(%v) = %v, want %s", tt.err, got, tt.want)
		}
	}
	if FromError(nil) != nil {
		t.Error("nil became an error")
	}
	if d := FromError(errors.New("secret")).Detail; cmp.Equal(d, "secret") {
		t.Error("an inner error's text is shown")
	}
	if d := FromError(&cluster.DiskError{Words: "full"}).Detail; d != "full; nothing was stored; send it again once "+
		"that is mended" {
		t.Errorf("detail %q", d)
	}
	if d := FromError(&cluster.DiskError{Words: "full", Stored: true}).Detail; d != "full; it may be stored all the "+
		"same; send it again" {
		t.Errorf("detail %q", d)
	}
	if d := FromError(cluster.ErrFull).Detail; !strings.Contains(d, "nothing was stored") ||
		!strings.Contains(d, "forget edges") {
		t.Errorf("detail %q", d)
	}
	if d := FromError(shard.ValidateParticipant("")).Detail; d != "participant id is empty; it must be 1-128 bytes" {
		t.Errorf("detail %q", d)
	}
}

func TestAppendProblem(t *testing.T) {
	for code, status := range Codes {
		var got map[string]any
		if err := json.Unmarshal(Errorf(code, "it's \"%s\"\n", "é\xff").AppendProblem(nil), &got); err != nil {
			t.Fatal(err)
		}
		delete(got, "title")
		want := map[string]any{
			"type": "about:blank", "status": float64(status), "code": string(code),
			"detail": "it's \"é\uFFFD\"\n",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", code, d)
		}
	}
}
