package shard

import (
	"cmp"
	"slices"
)

// arena keeps names as a length byte and the bytes. A participant's name and those of its devices,
// in the order of the device list, stand one after the other: a heartbeat by name reads one or two
// cache lines, and a device needs no offset of its own. What is dropped is only counted. A page
// with nothing else is let go, and never written again: who still has a name may read it. Moving
// the living out of a page gets back the rest.
type arena struct {
	pages []*[namesPage]byte // by the upper bits of an offset; nil: not there
	tail  []byte             // what is written of the open page
	open  int                // its number, if there is one
	count []counted          // by page
	wide  map[int]wide       // pages that a row takes several of
	both  counted            // of all pages
}

// counted are the bytes of a page.
type counted struct{ written, dead int }

// wide is what one page in a row belongs to, since a participant's names are longer than a page.
type wide struct {
	first int
	whole []byte // from the first page on
}

const (
	namesBits = 14
	namesPage = 1 << namesBits
	maxNames  = 1<<(32-namesBits) - 1<<8 // pages; offsets are 32 bits
)

// row is the n bytes from an offset on.
func (a *arena) row(at uint32, n int) []byte {
	b := a.pages[at>>namesBits][at%namesPage:]
	if n > len(b) {
		page := int(at >> namesBits)
		w := a.wide[page]
		b = w.whole[(page-w.first)<<namesBits+int(at%namesPage):]
	}
	return b[:n:n]
}

// name is the one at an offset.
func (a *arena) name(at uint32) []byte {
	return a.row(at, 1+int(a.pages[at>>namesBits][at%namesPage]))[1:]
}

// after is the offset behind the name at an offset.
func (a *arena) after(at uint32) uint32 {
	return at + 1 + uint32(a.pages[at>>namesBits][at%namesPage])
}

func (a *arena) equal(at uint32, id string) bool {
	b := a.pages[at>>namesBits][at%namesPage:]
	if int(b[0]) != len(id) {
		return false
	}
	if len(id) >= len(b) { // in a wide row
		return string(a.name(at)) == id
	}
	return string(b[1:1+len(id)]) == id
}

// ahead asks for a name and the n bytes after its length, as far as they are in its page.
func (a *arena) ahead(at uint32, n int) (kept uint32) {
	page, i := a.pages[at>>namesBits], int(at%namesPage)
	return uint32(page[i]) + uint32(page[min(i+n, namesPage-1)])
}

// fits reports whether n more bytes can be had without a new page.
func (a *arena) fits(n int) bool { return len(a.tail)+n <= cap(a.tail) }

// grow opens a new page for n more bytes at least.
func (a *arena) grow(n int) {
	was, long := a.open, (max(n, 1)+namesPage-1)/namesPage
	b := make([]byte, long*namesPage)
	a.open = a.vacancy(long)
	for i := range long {
		a.pages[a.open+i] = (*[namesPage]byte)(b[i*namesPage:])
		if long > 1 {
			a.addWide(a.open+i, wide{a.open, b})
		}
	}
	if a.tail != nil {
		a.release(was)
	}
	a.tail = b[:0]
}

func (a *arena) addWide(page int, w wide) {
	if a.wide == nil {
		a.wide = make(map[int]wide)
	}
	a.wide[page] = w
}

// vacancy is the first of some numbers in a row whose pages are not there.
func (a *arena) vacancy(long int) int {
	free := 0
	for n := range a.pages {
		if free++; a.pages[n] != nil {
			free = 0
		}
		if free == long {
			return n + 1 - long
		}
	}
	n := len(a.pages) - free
	a.pages = append(a.pages, make([]*[namesPage]byte, long-free)...)
	a.count = append(a.count, make([]counted, long-free)...)
	return n
}

// pageAt is the page of an offset; of a wide one the first.
func (a *arena) pageAt(at uint32) int {
	n := int(at >> namesBits)
	if w, ok := a.wide[n]; ok {
		return w.first
	}
	return n
}

func (a *arena) end() uint32 { return uint32(a.open<<namesBits + len(a.tail)) }

// push appends a name to what stands last.
func (a *arena) push(id string) uint32 {
	at := a.end()
	a.tail = append(append(a.tail, byte(len(id))), id...)
	a.write(1 + len(id))
	return at
}

// move moves the bytes from-to to the end.
func (a *arena) move(from, to uint32) uint32 {
	at, n := a.end(), int(to-from)
	a.tail = append(a.tail, a.row(from, n)...)
	a.write(n)
	a.kill(from, n)
	return at
}

// last moves the bytes from-to to the end, so that a name can be pushed behind them.
func (a *arena) last(from, to uint32) uint32 {
	if to == a.end() && a.pageAt(from) == a.open {
		return from
	}
	return a.move(from, to)
}

// cut removes the name at an offset and moves what follows, up to end, to its place.
func (a *arena) cut(at, end uint32) {
	b := a.row(at, int(end-at))
	n := int(b[0]) + 1
	copy(b, b[n:])
	a.kill(at, n)
}

func (a *arena) write(n int) {
	a.count[a.open].written += n
	a.both.written += n
}

// kill counts n bytes of the page of an offset as dead.
func (a *arena) kill(at uint32, n int) {
	page := a.pageAt(at)
	a.count[page].dead += n
	a.both.dead += n
	if page != a.open {
		a.release(page)
	}
}

// release lets a page go if it has nothing but dead bytes.
func (a *arena) release(page int) {
	c := &a.count[page]
	if c.dead < c.written {
		return
	}
	a.both.written -= c.written
	a.both.dead -= c.dead
	*c = counted{}
	long := 1
	if w, ok := a.wide[page]; ok {
		long = len(w.whole) / namesPage
	}
	for i := page; i < page+long; i++ {
		a.pages[i] = nil
		delete(a.wide, i)
	}
}

// worn says that moving the living is worth more than growing.
func (a *arena) worn() bool { return a.both.dead > a.both.written/32 && a.both.dead > namesPage }

// wasteful are the pages with the most dead bytes, so many at most; the one that is written to is
// not among them.
func (a *arena) wasteful(most int) []int {
	var pages []int
	for n, c := range a.count {
		if c.dead > 0 && n != a.open {
			pages = append(pages, n)
		}
	}
	slices.SortFunc(pages, func(x, y int) int { return cmp.Compare(a.count[y].dead, a.count[x].dead) })
	return pages[:min(len(pages), most)]
}
