package wire

import (
	"strings"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Status is a status as requests say it. A null is as if the member was left out, and that is as if
// it were empty.
type Status struct {
	Text  *string `json:"text"`
	Emoji *string `json:"emoji"`
	End
}

// StatusNames are the members of a Status, which may be null.
var StatusNames = append([]string{"text", "emoji"}, EndNames...)

// Parse is the status that is meant.
func (s *Status) Parse(now time.Time) (made shard.Status, err error) {
	if s.Text != nil {
		made.Text = *s.Text
	}
	if s.Emoji != nil {
		made.Emoji = *s.Emoji
	}
	if err := shard.ValidateStatus(made); err != nil {
		return made, Errorf(BadRequest, "%s", plain(err, shard.ErrInvalidStatus))
	}
	until, err := s.End.Parse(now, MostAhead)
	if err == nil && !until.IsZero() {
		made.Until = until.UnixMilli()
	}
	return made, err
}

// CheckSource refuses what is no source of a claim.
func CheckSource(source string) error {
	if err := shard.ValidateSource(source); err != nil {
		return Errorf(BadRequest, "source: %s", plain(err, shard.ErrInvalidSource))
	}
	return nil
}

// plain is the words of a complaint without what each begins with.
func plain(err, kind error) string {
	return strings.ReplaceAll(strings.ReplaceAll(err.Error(), kind.Error()+": ", ""), "\n", "; ")
}

// AppendStatus appends a status; null: there is none.
func AppendStatus(b []byte, s *shard.Status) []byte {
	if s == nil || *s == (shard.Status{}) {
		return append(b, "null"...)
	}
	b = AppendString(append(b, `{"text":`...), s.Text)
	b = AppendString(append(b, `,"emoji":`...), s.Emoji)
	b = AppendMoment(append(b, `,"expires_at":`...), s.Until)
	return append(b, '}')
}

// AppendStatusMember appends one member "id":status of an object of statuses.
func AppendStatusMember(b []byte, p tenant.Participant, s *shard.Status) []byte {
	return AppendStatus(append(AppendString(b, p.ID()), ':'), s)
}

// AppendStatuses appends the object of those of a list who have a status; it has as many as the
// list.
func AppendStatuses(b []byte, list tenant.List, status func(i int) *shard.Status) []byte {
	b = append(b, '{')
	first := len(b)
	for i := range list.Len() {
		s := status(i)
		if s == nil || *s == (shard.Status{}) {
			continue
		}
		if len(b) > first {
			b = append(b, ',')
		}
		b = AppendStatusMember(b, list.At(i), s)
	}
	return append(b, '}')
}

// AppendMoment is AppendTime for Unix milliseconds; null: 0.
func AppendMoment(b []byte, ms int64) []byte {
	if ms == 0 {
		return append(b, "null"...)
	}
	return AppendTime(b, time.UnixMilli(ms))
}

// AppendTime appends a time as in RFC 3339, in UTC and always with milliseconds, so that all times
// are of one length; null: it isn't known.
func AppendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return t.UTC().AppendFormat(b, `"2006-01-02T15:04:05.000Z"`)
}

// StatusBytes is what a status takes at most in an answer, with its id, and on the way there: twice
// its text, in which marks are escaped, and as strings.
const StatusBytes = 1280
