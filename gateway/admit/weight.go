package admit

// BytesPerID is for how many bytes a body or a frame counts as one id, before anything is known of
// what it holds: what is read and thrown away is work too. An id takes 131 bytes at most unless it
// is written in escapes, so a list of ids never counts more for its bytes.
const BytesPerID = 256

// SmallBytes is what a connection may have in hand without drawing on a budget: it costs more than
// that by itself, and connections are counted.
const SmallBytes = 4 << 10

// copies is how often a text is in memory while it is worked on: as it came, as strings, in the
// message to another node, in the answer.
const copies = 4

// Load is what the texts of one call make of themselves in memory.
type Load struct {
	Shortest int // bytes of an item in the text; 0: there are no items
	Most     int // items that are kept
	Each     int // bytes that an item takes besides its text: headers, places, what is answered about it

	// Front is how many bytes the ids of an item are longer here than in the text, as those of a
	// tenant are: they are written anew. 0: they are not.
	Front int
}

// longestID is what an id takes that is written anew, but for its Front.
const longestID = 128

// Weight is how many bytes a text of so many takes in all, until it is answered.
func (l Load) Weight(text int) int64 {
	items := 0
	if l.Shortest > 0 {
		items = min(text/l.Shortest, l.Most)
	}
	weight := copies*int64(text) + int64(items)*int64(l.Each)
	if l.Front > 0 {
		weight += int64(items)*int64(l.Front) + int64(min(text, items*longestID))
	}
	return weight
}
