package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/scaiwave/presence/client/presence"
)

type statusCommand struct {
	Text        string         `arg:"" optional:"" help:"What to say, such as \"On a train\"; up to 256 bytes."`
	Emoji       string         `placeholder:"EMOJI" help:"A sign beside it, or alone."`
	For         *time.Duration `placeholder:"DURATION" help:"For how long, such as 2h; without it, until you change it."`
	Clear       bool           `help:"Say nothing any more."`
	Participant string         `default:"me" placeholder:"ID" help:"Who says it; another than yourself needs the scope presence:service."`

	serverSettings `embed:""`
}

// Run says something of the participant, or nothing any more.
func (c *statusCommand) Run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	a, err := c.api()
	if err != nil {
		return err
	}
	said := "status cleared"
	if c.Clear {
		err = a.ClearStatus(ctx, c.Participant)
	} else {
		s := presence.Status{Text: c.Text, Emoji: c.Emoji}
		said = "status: " + wordsOf(&s) + forWords(c.For)
		err = a.SetStatus(ctx, c.Participant, s, endAfter(c.For)...)
	}
	if err != nil {
		return trustHint(err)
	}
	_, err = fmt.Fprintln(t.out, said)
	return err
}

func (c *statusCommand) check() error {
	says := c.Text != "" || c.Emoji != ""
	switch {
	case c.Clear && (says || c.For != nil):
		return errors.New("--clear stands alone: it says nothing any more")
	case !c.Clear && !says:
		return errors.New(`what is to be said? Give a text, such as "On a train", --emoji, or --clear`)
	}
	return checkFor(c.For)
}

// checkFor refuses what is no time to come. Nil: none was given.
func checkFor(d *time.Duration) error {
	if d != nil && *d <= 0 {
		return fmt.Errorf("--for: %v is not in the future", *d)
	}
	return nil
}

// endAfter is the end of what lasts for d; nil: it has none.
func endAfter(d *time.Duration) []presence.End {
	if d == nil {
		return nil
	}
	return []presence.End{{For: *d}}
}

// forWords is for how long something was said; empty: until it is changed.
func forWords(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return " (for " + brief(*d) + ")"
}

// brief is a duration without the units of which there are none at its end.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// wordsOf is a status in one line.
func wordsOf(s *presence.Status) string { return strings.TrimSpace(s.Emoji + " " + s.Text) }

// until is the end of what is said, as a person at this machine reads it at now; empty: it has
// none.
func until(end, now time.Time) string {
	if end.IsZero() {
		return ""
	}
	end = end.In(now.Location())
	y, m, d := now.Date()
	switch {
	case end.Year() != y:
		return ", until " + end.Format("2 Jan 2006 15:04")
	case !end.Before(time.Date(y, m, d+1, 0, 0, 0, 0, now.Location())):
		return ", until " + end.Format("2 Jan 15:04")
	}
	return ", until " + end.Format("15:04")
}
