package sim

import "time"

// Stories about windows: each viewer knows of its own only, and is told when one opens and ends.
// Everybody hides, and has sockets at two nodes, so that of each pair some ask their owner at the
// node itself, some over a link, and some while others watch already.
func init() {
	stories["windows that open and end beside a broken link"] = story{3, func(node int) []step {
		all := append(hideAndWatch(node), step{at: 20 * time.Second, do: "unlink", node: node, lasts: 40 * time.Second})
		all = append(all, writeToNext(1, 24*time.Second, node, 10*time.Second)...)
		all = append(all, watchLate(node, 30*time.Second)...)
		return append(all, writeToNext(2, 75*time.Second, (node+1)%3, 0)...)
	}}
	// What the owner had no time to tell its gateways they ask the next one.
	stories["windows that open as their owner dies"] = story{3, func(node int) []step {
		all := append(hideAndWatch(node),
			step{at: 20100 * time.Millisecond, do: "kill", node: node, lasts: 15 * time.Second})
		all = append(all, writeToNext(1, 20*time.Second, (node+1)%3, 0)...)
		all = append(all, watchLate(node, 24*time.Second)...)
		return append(all, writeToNext(2, 60*time.Second, (node+2)%3, 20*time.Second)...)
	}}
	stories["windows that open and end while another node comes"] = story{3, func(node int) []step {
		all := append(hideAndWatch(node), step{at: 20 * time.Second, do: "visit", node: node, lasts: 25 * time.Second})
		for i := range 5 {
			all = append(all, writeToNext(1+i, time.Duration(18+3*i)*time.Second, i%3, 12*time.Second)...)
		}
		return append(all, watchLate(node, 24*time.Second)...)
	}}
}

// hideAndWatch has everybody be at another node than the one to which something happens, and hide.
func hideAndWatch(node int) (all []step) {
	for i, id := range everybody {
		at := time.Duration(i) * 10 * time.Millisecond
		all = append(all,
			step{at: 10*time.Second + at, do: "open", id: id, device: "tab", node: (node + 1 + i%2) % 3, stays: true},
			step{at: 14*time.Second + at, do: "override", id: id, value: "appear_offline", node: (node + 1) % 3})
	}
	return all
}

// watchLate has everybody connect once more, at the other node.
func watchLate(node int, from time.Duration) (all []step) {
	for i, id := range everybody {
		at := from + time.Duration(i)*200*time.Millisecond
		all = append(all, step{at: at, do: "open", id: id, device: "phone", node: (node + 2 - i%2) % 3, stays: true})
	}
	return all
}

// writeToNext has everybody write to whom they find so many places on. The windows last for a
// while; 0: longer than the story.
func writeToNext(places int, from time.Duration, node int, last time.Duration) (all []step) {
	for i, id := range everybody {
		at := from + time.Duration(i)*50*time.Millisecond
		other := everybody[(i+places)%len(everybody)]
		all = append(all, step{at: at, do: "message", id: id, value: other, node: node, lasts: last})
	}
	return all
}
