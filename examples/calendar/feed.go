package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/scaiwave/presence/examples/calendar/busy"
)

// person has a calendar. The address is as good as a password, so it is in no log.
type person struct {
	id      string
	address string // https://…, http://…, or a file
	zone    *time.Location
}

var errLine = errors.New("a line is a participant, an address or file, and perhaps a zone")

// parsePeople reads the file of feeds. Empty lines, and those that begin with #, say nothing.
func parsePeople(text string) (all []person, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 2 || len(words) > 3 {
			return nil, fmt.Errorf("%q: %w", words[0], errLine)
		}
		p := person{id: words[0], address: words[1]}
		if len(words) == 3 {
			if p.zone, err = time.LoadLocation(words[2]); err != nil {
				return nil, fmt.Errorf("%q: %w", p.id, err)
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// maxFeedBytes is some decades of a full calendar.
const maxFeedBytes = 16 << 20

var errTooLarge = fmt.Errorf("the feed is larger than %d bytes", maxFeedBytes)

// feed is a person's calendar, as it was read last.
type feed struct {
	person   person
	calendar *busy.Calendar
	readAt   time.Time
	etag     string
}

// read reads the feed anew, unless its server says that it is as it was.
func (f *feed) read(ctx context.Context, s *settings) error {
	text, etag, err := f.fetch(ctx, s.feeds)
	if err != nil {
		return err
	}
	if text != nil {
		c, err := busy.Read(bytes.NewReader(text), busy.Options{Zone: f.person.zone, Tentative: s.tentative})
		if err != nil {
			return err
		}
		f.calendar, f.etag = c, etag
	}
	f.readAt = time.Now()
	return nil
}

// fetch returns what the feed says; nil: the same as before.
func (f *feed) fetch(ctx context.Context, client *http.Client) (text []byte, etag string, err error) {
	if !strings.Contains(f.person.address, "://") {
		file, err := os.Open(f.person.address)
		if err != nil {
			return nil, "", err
		}
		defer file.Close()
		text, err = whole(file)
		return text, "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.person.address, nil)
	if err != nil {
		return nil, "", hidden(err)
	}
	if f.etag != "" {
		r.Header.Set("If-None-Match", f.etag)
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, "", hidden(err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNotModified:
		return nil, "", nil
	case http.StatusOK:
		text, err = whole(response.Body)
		return text, response.Header.Get("ETag"), err
	}
	return nil, "", fmt.Errorf("the feed's server answers %s", response.Status)
}

// whole is all that there is to read, if it isn't too much.
func whole(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFeedBytes+1))
	if len(text) > maxFeedBytes {
		err = errTooLarge
	}
	return text, err
}

// hidden leaves the address out of an error.
func hidden(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
