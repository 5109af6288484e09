// Command authorize is a small backend that says who may see whom: to try --authorize-url, and to
// begin one's own with. docs/authorize.md tells how to start it.
//
//	presence ── POST, signed ──▶ verify ─▶ whom may this viewer see?
//	         ◀── {"allowed":[…],"ttl_seconds":60} ──────┘
//
// Its knowledge is a file with a line for each viewer: the viewer, and whom it may see. It is read
// for each question, so an edit counts as soon as Presence asks again.
//
//	ben ada eve
//	cy  ada
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "authorize:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("authorize", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:9090", "where Presence asks")
	secretFile := flags.String("secret-file", "", "the file that --authorize-secret-file names")
	friendsFile := flags.String("friends", "", "a line for each viewer: the viewer, and whom it may see")
	keep := flags.Duration("keep", time.Minute, "how long an answer may be kept")
	if err := flags.Parse(args); err != nil {
		return err
	}
	secret, err := os.ReadFile(*secretFile)
	if err != nil {
		return err
	}
	verifier, err := standardwebhooks.NewWebhook(strings.TrimSpace(string(secret)))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "answering at http://%s/\n", listener.Addr())
	server := &http.Server{
		Handler:           &backend{verifier: verifier, friendsFile: *friendsFile, keep: *keep},
		ReadHeaderTimeout: 5 * time.Second,
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// backend answers questions of the form that docs/authorize.md has.
type backend struct {
	verifier    *standardwebhooks.Webhook
	friendsFile string
	keep        time.Duration
}

type question struct {
	Tenant       string   `json:"tenant"`
	Viewer       string   `json:"viewer"`
	Participants []string `json:"participants"`
}

type answer struct {
	Allowed    []string `json:"allowed"`
	TTLSeconds int      `json:"ttl_seconds"`
}

// maxQuestionBytes is more than a thousand of the longest ids take.
const maxQuestionBytes = 1 << 20

// ServeHTTP is http.Handler's. Whatever goes wrong is an error and no answer: Presence then shows
// nobody what it doesn't know, and asks again.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestionBytes))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err := b.verifier.Verify(body, r.Header); err != nil { // before it is looked at
		http.Error(w, "not signed by Presence", http.StatusUnauthorized)
		return
	}
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, "not a question", http.StatusBadRequest)
		return
	}
	friends, err := b.friendsOf(q.Viewer)
	if err != nil {
		http.Error(w, "the friends can't be read", http.StatusInternalServerError)
		return
	}
	may := answer{Allowed: []string{}, TTLSeconds: int(b.keep.Seconds())}
	for _, id := range q.Participants { // the file is about the empty tenant
		if q.Tenant == "" && slices.Contains(friends, id) {
			may.Allowed = append(may.Allowed, id)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(may)
}

// friendsOf reads whom a viewer may see.
func (b *backend) friendsOf(viewer string) ([]string, error) {
	f, err := os.Open(b.friendsFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 0 && words[0] == viewer {
			return words[1:], nil
		}
	}
	return nil, lines.Err()
}
