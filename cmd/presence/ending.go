package main

// step is how near the end of a certificate is. The text is what the log says.
type step int

const (
	far step = iota
	fortnight
	day
	hour
	ended
)

// steps are the seconds before the end at which each begins, the nearest first.
var steps = []struct {
	step    step
	seconds int64
	says    string
}{
	{ended, -1, "a certificate has ended"}, // it is still good in its last second
	{hour, 60 * 60, "a certificate ends within an hour"},
	{day, 24 * 60 * 60, "a certificate ends within a day"},
	{fortnight, 14 * 24 * 60 * 60, "a certificate ends within 14 days"},
}

// ending returns how near the end is, and what to say of it, if anything. Both times are Unix
// seconds; last is the step that was returned before. Each step is told once. Of several that have
// passed meanwhile only the nearest is; a renewal, which moves the end away, begins anew and says
// nothing.
func ending(now, end int64, last step) (at step, says string) {
	for _, s := range steps {
		if end-now > s.seconds {
			continue
		}
		if s.step > last {
			says = s.says
		}
		return s.step, says
	}
	return far, ""
}
