package disk

import "time"

const (
	// askedAfter is how long after Shorten a compaction begins: what was on its way to the log before
	// has come by then, and several requests are one.
	askedAfter = 10 * time.Second
	// askedEvery is the least time from the beginning of one to that of the next one that is asked
	// for.
	askedEvery = time.Minute
	// askedTimes is what part of the time those may take: so many times what the last one took passes
	// from its beginning, if that is longer.
	askedTimes = 10
)

// Shorten asks for a compaction, however small the log is: what is in memory no more is to be gone
// from the files, too. It begins 10 s later, or a minute after the one before, later if that took
// long. It is tried until it succeeds; a process that ends before must ask again.
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

// takeAsked notes that a compaction begins. What is asked from here on it may not cover.
func (l *Log) takeAsked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rewrite.asked, l.asked, l.rewrite.began = l.asked, time.Time{}, time.Now()
}

// askAgain follows one that failed.
func (l *Log) askAgain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.IsZero() {
		l.asked = l.rewrite.asked
	}
}
