package socket

// controls is the guard as the library writes to it: pongs and close frames, of 127 bytes at most.
// Its buffer is smaller than that, so a frame may come in pieces. They are put together here, since
// a frame must be one write: others write, too.
type controls guard

func (c *controls) Write(p []byte) (int, error) {
	g := (*guard)(c)
	if g.control == nil && wholeFrame(p) {
		return g.Write(p)
	}
	g.control = grown(g.control)
	*g.control = append(*g.control, p...)
	if !wholeFrame(*g.control) {
		return len(p), nil
	}
	whole := g.control
	g.control = nil
	_, err := g.Write(*whole)
	*whole = (*whole)[:0]
	outboxes.Put(whole)
	return len(p), err
}

// wholeFrame reports whether b is all of a control frame: its length is in one byte.
func wholeFrame(b []byte) bool {
	return len(b) >= shortHeader && len(b) >= shortHeader+int(b[1])
}
