package main

import (
	"cmp"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

// maxReads is how many feeds are read at once.
const maxReads = 8

// settings are what the flags say.
type settings struct {
	api       presence.API
	feeds     *http.Client
	reads     chan struct{} // a place for each read
	every     time.Duration
	hold      time.Duration
	trust     time.Duration
	source    string
	tentative bool
	logger    *slog.Logger
}

var errHold = errors.New("-hold is to be longer than -every, and at most 30 days")

func parse(args []string, log io.Writer) (*settings, string, error) {
	s := &settings{
		feeds:  &http.Client{Timeout: 30 * time.Second},
		reads:  make(chan struct{}, maxReads),
		logger: slog.New(slog.NewTextHandler(log, nil)),
	}
	flags := flag.NewFlagSet("calendar", flag.ContinueOnError)
	file := flags.String("feeds", "feeds", "a line for each feed: participant, address or file, zone")
	server := cmp.Or(os.Getenv("PRESENCE_SERVER"), "http://127.0.0.1:8080")
	flags.StringVar(&s.api.Server, "server", server, "where Presence is")
	flags.StringVar(&s.source, "source", "calendar", "the name of the claims")
	flags.DurationVar(&s.every, "every", 5*time.Minute, "how often a feed is read")
	flags.DurationVar(&s.hold, "hold", 15*time.Minute, "how long somebody stays busy after this has died")
	flags.DurationVar(&s.trust, "trust", time.Hour, "how long a feed that can't be read counts as it was")
	flags.BoolVar(&s.tentative, "tentative", false, "what isn't certain makes busy too")
	if err := flags.Parse(args); err != nil {
		return nil, "", err
	}
	s.api.Token = os.Getenv("PRESENCE_TOKEN") // not a flag: all users of a machine can see those
	if s.hold <= s.every || s.hold > 30*24*time.Hour {
		return nil, "", errHold
	}
	return s, *file, nil
}
