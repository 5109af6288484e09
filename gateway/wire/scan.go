package wire

import "unicode/utf8"

// Scanner reads JSON as nearly every program writes it: objects, arrays and strings without
// escapes. Whatever else it meets it gives up on, and says so at the End; the text is then
// Decode's, which knows all of JSON and finds the words for what is wrong. So it may refuse what is
// right, and must never take what Decode refuses or would read otherwise.
//
// It is for the two bodies with a thousand items, where Decode was two thirds of what a heartbeat
// cost.
type Scanner struct {
	text string
	at   int
	lost bool // met something else; sticky
}

// Scan begins to read data, of which it makes one copy: the strings that it gives are parts of
// that.
func Scan(data []byte) Scanner {
	return Scanner{text: string(data), lost: !utf8.Valid(data)}
}

// End reports whether everything was read and nothing was unusual.
func (s *Scanner) End() bool {
	s.space()
	return !s.lost && s.at == len(s.text)
}

// GiveUp is for the caller who met a name that it doesn't know, or one twice.
func (s *Scanner) GiveUp() { s.lost = true }

// Take reads the mark c, one of {}[]:, and gives up if something else is there.
func (s *Scanner) Take(c byte) {
	s.space()
	if s.at >= len(s.text) || s.text[s.at] != c {
		s.lost = true
		return
	}
	s.at++
}

// More reads what follows an item: a comma, or the end of the list, which is the mark end.
func (s *Scanner) More(end byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == ',' && !s.lost {
		s.at++
		return true
	}
	s.Take(end)
	return false
}

// Text reads a string. It gives up at an escape.
func (s *Scanner) Text() string {
	s.Take('"')
	for i := s.at; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			text := s.text[s.at:i]
			s.at = i + 1
			return text
		case c < ' ' || c == '\\':
			s.lost = true
			return ""
		}
	}
	s.lost = true
	return ""
}

// Name reads the name of a member and the colon after it.
func (s *Scanner) Name() string {
	name := s.Text()
	s.Take(':')
	return name
}

func (s *Scanner) space() {
	for s.at < len(s.text) && s.text[s.at] <= ' ' {
		if c := s.text[s.at]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			s.lost = true
			return
		}
		s.at++
	}
}
