package socket

import (
	"container/heap"
	"time"
)

// set has c ring at a time; the last one set counts.
func (a *alarms) set(c *conn, at time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return
	case c.alarm == 0:
		heap.Push(&a.line, alarm{at, c})
	default:
		a.line[c.alarm-1].at = at
		heap.Fix(&a.line, int(c.alarm-1))
	}
	a.wind()
}

// stop has c ring no more, but for once if it is about to.
func (a *alarms) stop(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.alarm > 0 {
		heap.Remove(&a.line, int(c.alarm-1))
	}
}

// wind sets the timer to the earliest alarm. The caller holds mu.
func (a *alarms) wind() {
	switch {
	case a.closed || len(a.line) == 0:
		return
	case a.timer == nil:
		a.timer = time.AfterFunc(far, a.ring)
	case a.next <= a.line[0].at:
		return
	}
	a.next = a.line[0].at
	a.timer.Reset(a.next - time.Since(a.start))
}

// ring is the timer: it has those ring whose time has come, without the lock.
func (a *alarms) ring() {
	for _, c := range a.due() {
		c.ring()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = far
	a.wind()
}

func (a *alarms) due() (due []*conn) {
	now := time.Since(a.start)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = 0 // nobody sets the timer until they have rung
	for len(a.line) > 0 && a.line[0].at <= now {
		due = append(due, heap.Pop(&a.line).(alarm).of)
	}
	return due
}

// close stops the timer.
func (a *alarms) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// alarmLine is a heap of alarms, the earliest first. It tells each connection its place.
type alarmLine []alarm

func (l alarmLine) Len() int           { return len(l) }
func (l alarmLine) Less(i, j int) bool { return l[i].at < l[j].at }

func (l alarmLine) Swap(i, j int) {
	l[i], l[j] = l[j], l[i]
	l[i].of.alarm, l[j].of.alarm = int32(i+1), int32(j+1)
}

func (l *alarmLine) Push(x any) {
	a := x.(alarm)
	*l = append(*l, a)
	a.of.alarm = int32(len(*l))
}

func (l *alarmLine) Pop() any {
	last := len(*l) - 1
	a := (*l)[last]
	(*l)[last] = alarm{}
	*l = (*l)[:last]
	a.of.alarm = 0
	return a
}
