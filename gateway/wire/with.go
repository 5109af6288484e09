package wire

import "github.com/scaiwave/presence/shard"

// The words of `with`, and what each asks for.
var withWords = []struct {
	word string
	asks shard.With
}{{"status", shard.WithStatus}, {"last_seen", shard.WithLastSeen}}

// MostWith is how many words a request may have in `with`: each of them twice.
const MostWith = 4

// ParseWith reads the words of `with`, of which there must be one; may are those that the call
// knows.
func ParseWith(words []string, may shard.With) (with shard.With, err error) {
	switch {
	case len(words) == 0:
		return 0, Errorf(BadRequest, "with is empty; it takes %q, or leave it out", wordsOf(may))
	case len(words) > MostWith:
		return 0, Errorf(BadRequest, "with has more than %d words; name each once", MostWith)
	}
	for _, w := range words {
		asks := asksFor(w) & may
		if asks == 0 {
			return 0, Errorf(BadRequest, "with is %.40q; it takes %q", w, wordsOf(may))
		}
		with |= asks
	}
	return with, nil
}

func asksFor(word string) shard.With {
	for _, w := range withWords {
		if w.word == word {
			return w.asks
		}
	}
	return 0
}

func wordsOf(with shard.With) (words []string) {
	for _, w := range withWords {
		if with&w.asks != 0 {
			words = append(words, w.word)
		}
	}
	return words
}
