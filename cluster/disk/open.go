package disk

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/scaiwave/presence/shard/wake"
)

// lookEvery is how often the directory is checked, and what has failed is tried again.
const lookEvery = 200 * time.Millisecond

// Open locks a directory, and gives its entries to Config.Take. A directory that can be read and
// has no room left is opened too: Trouble returns why nothing can be stored.
func Open(c Config) (*Log, error) {
	if c.create == nil {
		c.create = createFile
	}
	if c.after == 0 {
		c.after, c.every = askedAfter, askedEvery
	}
	l := &Log{
		config: c, dir: c.Dir, log: c.Log, notes: make(map[string]note),
		wake: wake.New(), changed: wake.New(), stop: make(chan struct{}), progress: make(chan struct{}),
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, hinted(err)
	}
	var err error
	if l.place, err = openPlace(c.Dir); err != nil {
		return nil, hinted(err)
	}
	if err = l.load(c.Take); err == nil {
		err = l.begin()
	}
	if isFull(err) {
		l.fail(err)
	} else if err != nil {
		return nil, errors.Join(hinted(err), l.place.close())
	}
	l.running.Go(l.run)
	return l, nil
}

// Close writes what is left, and gives the directory up.
func (l *Log) Close() error {
	close(l.stop)
	l.running.Wait()
	l.leaveFile()
	return errors.Join(l.failed, l.place.close())
}

func (l *Log) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			cancel()
			l.finish()
			return
		case <-l.wake:
			l.flush()
		case <-tick.C:
			l.look(ctx)
		case err := <-l.rewrite.done:
			l.flush()
			l.replace(err)
		}
		l.shortenLarge(ctx)
	}
}

// finish writes what has gathered. A compaction that has all written takes effect: what was to be
// lost is lost. One that was cut short leaves the older files.
func (l *Log) finish() {
	err := context.Canceled
	if l.rewrite.done != nil {
		err = <-l.rewrite.done
	}
	l.flush()
	if err == nil {
		l.replace(nil)
	}
}

// look finds out whether the disk is as it was, and whether a trouble has passed.
func (l *Log) look(ctx context.Context) {
	l.mu.Lock()
	failed, tight := l.failed, l.tight
	l.mu.Unlock()
	if failed != nil {
		l.writeAnew(ctx)
		return
	}
	if err := l.place.gone(l.place.files); err != nil {
		l.fail(err)
		return
	}
	if tight != nil {
		l.makeRoom(0)
	}
	l.saveNotes()
}
