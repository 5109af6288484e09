package presence

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxIDBytes = 128

// checkID says what is wrong with a participant's id, as the server would: one bad id would make it
// refuse a whole list.
func checkID(id string) error {
	if id != "" && id != "me" && len(id) <= maxIDBytes && utf8.ValidString(id) && !strings.ContainsFunc(id, forbidden) {
		return nil
	}
	text := "id %.40q must be 1-%d bytes of UTF-8 without white space, commas and control characters, and not \"me\""
	return &Error{Code: codeInvalidID, Message: fmt.Sprintf(text, id, maxIDBytes)}
}

func forbidden(r rune) bool { return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r) }

// possible leaves out the ids that can't exist, and says what is wrong with the first of them.
func possible(ids []string) (good []string, first error) {
	good = make([]string, 0, len(ids))
	for _, id := range ids {
		err := checkID(id)
		if err == nil {
			good = append(good, id)
		}
		first = cmp.Or(first, err)
	}
	return good, first
}

// checkText leaves the rest to the server, which answers for each item. In JSON a byte that is no
// UTF-8 would become another id.
func checkText(ids ...string) error {
	for _, id := range ids {
		if !utf8.ValidString(id) {
			return &Error{Code: codeInvalidID, Message: fmt.Sprintf("id %.40q is not UTF-8", id)}
		}
	}
	return nil
}
