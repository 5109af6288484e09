package busy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// needed are the properties that say when somebody is busy. Who is invited, where, and to what
// isn't even parsed: it is nobody's business here, and a broken ATTENDEE can't spoil the rest.
var needed = map[string]bool{
	"BEGIN": true, "END": true, "METHOD": true, "X-WR-TIMEZONE": true,
	"UID": true, "SEQUENCE": true, "DTSTAMP": true, "RECURRENCE-ID": true,
	"DTSTART": true, "DTEND": true, "DURATION": true,
	"RRULE": true, "RDATE": true, "EXRULE": true, "EXDATE": true,
	"STATUS": true, "TRANSP": true, "X-MICROSOFT-CDO-BUSYSTATUS": true, "FREEBUSY": true,
	"TZID": true, "TZOFFSETFROM": true, "TZOFFSETTO": true,
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// onlyNeeded copies the lines of a feed that are needed, their names in capitals. A line that goes
// on in the next one begins that with a space, and is kept or dropped as a whole.
func onlyNeeded(r io.Reader) (io.Reader, error) {
	var kept bytes.Buffer
	keep := false
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		line = bytes.TrimRight(bytes.TrimPrefix(line, byteOrderMark), "\r\n")
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			line, keep = named(line)
		}
		if keep && len(line) > 0 {
			kept.Write(line)
			kept.WriteString("\r\n")
		}
		if errors.Is(err, io.EOF) && kept.Len() > 0 {
			return &kept, nil
		}
		if err != nil { // of what has none of these lines too, such as a page that asks for a password
			return nil, err
		}
	}
}

// named gives a line its name in capitals, and reports whether it is needed.
func named(line []byte) ([]byte, bool) {
	end := bytes.IndexAny(line, ":;")
	if end < 0 {
		return line, false
	}
	name := strings.ToUpper(string(line[:end]))
	return append([]byte(name), line[end:]...), needed[name]
}
