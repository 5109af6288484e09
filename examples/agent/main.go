package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

// run beats until ctx ends, and signs out then.
func run(ctx context.Context, args []string, log io.Writer) error {
	a := &agent{probes: &http.Client{}, logger: slog.New(slog.NewTextHandler(log, nil))}
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	server := cmp.Or(os.Getenv("PRESENCE_SERVER"), "http://127.0.0.1:8080")
	flags.StringVar(&a.api.Server, "server", server, "where Presence is")
	flags.StringVar(&a.id, "participant", "summarizer", "whom others see")
	flags.StringVar(&a.kind, "kind", "helper", "helper or model")
	flags.StringVar(&a.device, "device", "agent", "this process's name; another for each that runs at once")
	flags.StringVar(&a.probe, "probe", "http://127.0.0.1:8000/health", "where the model answers")
	flags.StringVar(&a.body, "body", "", "a question as JSON, to be posted there; without, it is a GET")
	flags.DurationVar(&a.every, "every", 30*time.Second, "the server's heartbeat interval")
	flags.DurationVar(&a.patience, "patience", 10*time.Second, "how long the model may take to answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a.api.Token = os.Getenv("PRESENCE_TOKEN") // not a flag: all users of a machine can see those
	a.beat(ctx)
	return nil
}

// farewell is how long signing out may take.
const farewell = 5 * time.Second

// agent is one process of an AI participant.
type agent struct {
	api                   presence.API
	probes                *http.Client
	id, kind, device      string
	probe, body           string
	every, patience       time.Duration
	logger                *slog.Logger
	registered, answering bool
}

// beat sends a heartbeat after each answer of the model, until ctx ends.
func (a *agent) beat(ctx context.Context) {
	for ctx.Err() == nil {
		wait := a.every
		if err := a.ask(ctx); err != nil {
			a.tell(false, err)
			wait /= 6 // it may be back before the deadline, and then nobody has noticed
		} else {
			a.tell(true, nil)
			a.sayOnline(ctx)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := a.api.SignOut(ctx, a.id, a.device); err != nil { // then it is over at the deadline
		a.logger.Warn("can't sign out", "participant", a.id, "error", err)
	}
}

// tell logs what has changed.
func (a *agent) tell(answering bool, err error) {
	if answering == a.answering {
		return
	}
	a.answering = answering
	if answering {
		a.logger.Info("the model answers", "participant", a.id)
	} else {
		a.logger.Warn("the model doesn't answer", "participant", a.id, "error", err)
	}
}

// sayOnline sends a heartbeat. A server that could not be reached may have lost what it knew, so
// the next one registers the participant again.
func (a *agent) sayOnline(ctx context.Context) {
	err := a.register(ctx)
	if err == nil {
		online := presence.Heartbeat{Participant: a.id, Device: a.device, Activity: presence.Online}
		for _, rejection := range a.api.Beat(ctx, []presence.Heartbeat{online}) {
			err = rejection.Err
		}
	}
	if err != nil && ctx.Err() == nil {
		a.registered = false
		a.logger.Warn("can't tell Presence", "participant", a.id, "error", err)
	}
}

// register says that this is an AI which is there only while it beats.
func (a *agent) register(ctx context.Context) error {
	if a.registered {
		return nil
	}
	if err := a.api.Register(ctx, a.id, a.kind, "heartbeat"); err != nil {
		return err
	}
	a.registered = true
	return nil
}
