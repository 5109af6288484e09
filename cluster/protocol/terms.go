package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Range is the protocols that a node speaks.
type Range struct{ Lowest, Highest int }

// Spoken is what nodes of this version speak.
var Spoken = Range{Lowest: 7, Highest: 8}

func (r Range) String() string { return fmt.Sprintf("%d-%d", r.Lowest, r.Highest) }

// Common is the highest protocol that two nodes speak. It is 0 if there is none.
func (r Range) Common(o Range) int {
	if highest := min(r.Highest, o.Highest); highest >= max(r.Lowest, o.Lowest) {
		return highest
	}
	return 0
}

// Terms is what a node says of itself before another one takes it in.
type Terms struct {
	Range
	Words string // "tick=1s grace=5s": what all nodes must share
	Later string // likewise, but that gossip has no room for it
}

// Text is what gossip carries: the lowest protocol, and Words.
func (t Terms) Text() string { return fmt.Sprintf("%d %s", t.Lowest, t.Words) }

// Speaks is what stands beside Text: the range, and Later.
func (t Terms) Speaks() string { return strings.TrimSpace(t.Range.String() + " " + t.Later) }

// Beyond is how many protocols a node speaks above its lowest.
func (t Terms) Beyond() uint8 { return uint8(t.Highest - t.Lowest) }

var errTerms = errors.New("a protocol that no version speaks")

// Read reads Text, with Beyond beside it.
func Read(text string, beyond uint8) (t Terms, err error) {
	number, words, _ := strings.Cut(text, " ")
	if t.Lowest, err = strconv.Atoi(number); err != nil || t.Lowest < 1 {
		return Terms{}, fmt.Errorf("%w: %.80q", errTerms, text)
	}
	t.Highest, t.Words = t.Lowest+int(beyond), words
	return t, nil
}

// ReadSpeaks reads Text, with Speaks beside it, which is empty from a node of protocol 6: so it can
// be told why it is refused.
func ReadSpeaks(text, speaks string) (t Terms, err error) {
	if t, err = Read(text, 0); err != nil || speaks == "" {
		return t, err
	}
	if t.Range, t.Later, err = readSpeaks(speaks); err != nil {
		return Terms{}, err
	}
	return t, nil
}

func readSpeaks(speaks string) (r Range, later string, err error) {
	numbers, later, _ := strings.Cut(speaks, " ")
	lowest, highest, _ := strings.Cut(numbers, "-")
	r.Lowest, err = strconv.Atoi(lowest)
	if err == nil {
		r.Highest, err = strconv.Atoi(highest)
	}
	if err != nil || r.Lowest < 1 || r.Highest < r.Lowest {
		return Range{}, "", fmt.Errorf("%w: %.80q", errTerms, speaks)
	}
	return r, later, nil
}

// Fits returns why a node can't be in one cluster with that of t, or nil.
func (t Terms) Fits(there Terms) error {
	if t.Common(there.Range) == 0 {
		return fmt.Errorf("it speaks protocols %v, and this node %v; upgrade by one release at a time",
			there.Range, t.Range)
	}
	alike := t.Highest == there.Highest
	a, b := differing(there.Words+" "+there.Later, t.Words+" "+t.Later, alike)
	if a+b == "" {
		return nil
	}
	return fmt.Errorf("it has other constants: there %.200q, here %q; all nodes of a cluster need the same", a, b)
}

// differing are the words of a that aren't in b, and the other way round. A word is key=value. Of
// two versions that are not alike, one may have keys that the other one doesn't know.
func differing(a, b string, alike bool) (inA, inB string) {
	x, y := strings.Fields(a), strings.Fields(b)
	without := func(words, others []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool {
			return slices.Contains(others, w) || !alike && !hasKey(others, w)
		}), " ")
	}
	return without(x, y), without(y, x)
}

// hasKey reports whether one of words has the key of w.
func hasKey(words []string, w string) bool {
	key, _, _ := strings.Cut(w, "=")
	return slices.ContainsFunc(words, func(o string) bool {
		k, _, _ := strings.Cut(o, "=")
		return k == key
	})
}
