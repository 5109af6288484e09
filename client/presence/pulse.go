package presence

import "time"

const replyLimit = 10 * time.Second // for the answer to a heartbeat; the server has 5 s to find an owner

// pulse is the heartbeats: one each interval, and one at once when the activity changes. Their
// answers tell that the connection lives. A watcher, who has no heartbeat, asks for its own state.
type pulse struct {
	watcher     bool
	participant string
	activity    string
	told        string // empty: nothing
	due         bool
	replyBy     time.Time // by then something must come from the server; zero: nothing is expected
}

// begin is a welcome; the hello before it told this activity.
func (p *pulse) begin(participant, told string) {
	p.participant, p.told, p.due, p.replyBy = participant, told, false, time.Time{}
}

func (p *pulse) next() *outgoing {
	if !p.due && (p.watcher || p.activity == p.told) {
		return nil
	}
	p.due, p.told = false, p.activity
	if p.replyBy.IsZero() {
		p.replyBy = time.Now().Add(replyLimit)
	}
	if p.watcher {
		return &outgoing{request{Type: "query", IDs: []string{p.participant}}, p.answered}
	}
	return &outgoing{request{Type: "heartbeat", Activity: p.activity}, p.answered}
}

func (p *pulse) answered(r *reply) Event {
	again, e := r.mayRepeat()
	if again {
		p.due = true
	}
	return e
}

func (p *pulse) reset() {}
