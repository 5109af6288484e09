package sim

import "time"

// Stories about who may see whom: each keeps itself from one who watches it, lets another one in, and
// takes that back, while something happens to those who hold what was said.
func init() {
	stories["edges and blocks that outlive their owner"] = story{3, func(node int) []step {
		all := append(watchAndSay(node), step{at: 20 * time.Second, do: "kill", node: node, lasts: 30 * time.Second})
		return append(all, takeBack(60*time.Second, (node+1)%3)...)
	}}
	stories["edges and blocks beside a broken link"] = story{3, func(node int) []step {
		all := append(watchAndSay(node), step{at: 20 * time.Second, do: "unlink", node: node, lasts: 40 * time.Second})
		return append(all, takeBack(40*time.Second, (node+2)%3)...)
	}}
	stories["edges and blocks while another node comes"] = story{3, func(node int) []step {
		all := append(watchAndSay(node), step{at: 14 * time.Second, do: "visit", node: node, lasts: 40 * time.Second})
		all = append(all, takeBack(24*time.Second, node)...)
		return append(all, watchLate(node, 30*time.Second)...)
	}}
	// Nobody knows any more who is there, nor whom they have blocked, who watches at the third node.
	stories["blocks that die with those who know of them"] = story{3, func(node int) (all []step) {
		survivor := (node + 2) % 3
		for i, id := range everybody {
			at := time.Duration(i) * 10 * time.Millisecond
			if i%2 == 1 {
				all = append(all, step{at: 9*time.Second + at, do: "open", id: id, device: "tab", node: survivor, stays: true})
				continue
			}
			all = append(all, step{at: 10*time.Second + at, do: "beat", id: id, device: "http", value: "online", node: i % 3})
			for _, viewer := range everybody {
				if viewer != id {
					all = append(all,
						step{at: 12*time.Second + at, do: "block", id: id, value: viewer, node: survivor},
						step{at: 110*time.Second + at, do: "unblock", id: id, value: viewer, node: survivor}) // it was lost
				}
			}
		}
		return append(all, step{at: 20 * time.Second, do: "ruin", node: node, lasts: 20 * time.Second})
	}}
}

// watchAndSay has everybody be there, at two nodes, and say who may see it: one of those who watch
// it is denied, for good or for a while, the other one is allowed for a while what nobody else is.
func watchAndSay(node int) (all []step) {
	for i, id := range everybody {
		at := time.Duration(i) * 10 * time.Millisecond
		one, other := everybody[(i+len(everybody)-1)%len(everybody)], everybody[(i+len(everybody)-3)%len(everybody)]
		kept := step{at: 12*time.Second + at, do: "block", id: id, value: one, node: node}
		if i%2 == 0 {
			kept.do, kept.way, kept.lasts = "edge", 2, time.Duration(i/2%2)*24*time.Second
		}
		all = append(all,
			step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1 + i%2) % 3, stays: true},
			kept,
			step{at: 13*time.Second + at, do: "edge", id: id, value: other, way: 1, lasts: 26 * time.Second, node: node},
			step{at: 14*time.Second + at, do: "default", id: id, value: "allowed", node: (node + 1) % 3},
			step{at: 15*time.Second + at, do: "seen", id: id, value: []string{"coarse", "hidden"}[i%2], node: node})
	}
	return all
}

// takeBack has everybody take back what it has said.
func takeBack(from time.Duration, node int) (all []step) {
	for i, id := range everybody {
		at := from + time.Duration(i)*20*time.Millisecond
		one := everybody[(i+len(everybody)-1)%len(everybody)]
		all = append(all,
			step{at: at, do: "unblock", id: id, value: one, node: node},
			step{at: at + time.Second, do: "edge", id: id, value: one, node: node},
			step{at: at + 2*time.Second, do: "default", id: id, node: node})
	}
	return all
}
