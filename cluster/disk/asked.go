package disk

import "time"

const (
	// askedAfter is how long after Shorten a compaction begins. By then the log has what was on its
	// way to it, and several requests are one.
	askedAfter = 10 * time.Second
	// askedEvery is the least time between the beginnings of two compactions that are asked for.
	askedEvery = time.Minute
	// askedTimes bounds their share of the time: from the beginning of one to that of the next, so
	// many times pass what the former took, if that is longer.
	askedTimes = 10
)

// Shorten asks for a compaction, however small the log is: the files must lose what memory has
// lost. It begins 10 s later, or a minute after the one before, or later if that took long. It is
// tried until it succeeds. A process that ends before must ask again.
func (l *Log) Shorten() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.IsZero() {
		l.asked = time.Now()
	}
}

// isAsked reports whether a compaction that was asked for is due.
func (l *Log) isAsked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.asked.IsZero() && time.Since(l.asked) >= l.config.after &&
		time.Since(l.rewrite.began) >= max(l.config.every, askedTimes*l.rewrite.took)
}

// takeAsked notes that a compaction begins. What is asked from here on, it may not cover.
func (l *Log) takeAsked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rewrite.asked, l.asked, l.rewrite.began = l.asked, time.Time{}, time.Now()
}

// askAgain asks for what a compaction that failed was to cover.
func (l *Log) askAgain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.IsZero() {
		l.asked = l.rewrite.asked
	}
}
