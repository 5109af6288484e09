package gateway

import "github.com/scaiwave/presence/cluster"

// peerFigures are of what nodes keep for each other.
func peerFigures(n *cluster.Stats) []figure {
	return []figure{
		gaugeBy("presence_members", "state", map[string]int64{"seen": int64(n.Members), "expected": int64(n.Expected)},
			"Nodes in sight now, this one included, and how many it waits for before it is ready."),
		gauge("presence_peer_copies", int64(n.Copies),
			"Partitions of other nodes that this one keeps up as their backup."),
		gauge("presence_peer_moving_partitions", int64(n.Moving),
			"Partitions on their way to or from this node."),
		counter("presence_peer_promoted_total", n.Promoted, "Partitions taken over from a node that had gone."),
		counter("presence_peer_lost_total", n.Lost,
			"Partitions of which nothing was left; who isn't known to be there is unknown for a deadline."),
		counter("presence_peer_handed_over_total", n.HandedOver, "Partitions pushed to their owner."),
		counter("presence_peer_replication_failures_total", n.ReplicaFails,
			"Batches that a backup did not take; they are sent again."),
		gauge("presence_facts_waiting", int64(n.FactsWaiting),
			"Overrides, registrations and sides of windows that wait for a backup."),
		gauge("presence_facts_waiting_limit", cluster.MaxFactsWaiting,
			"How many may wait for one backup; one more is refused."),
		counter("presence_facts_refused_total", n.FactsRefused,
			"Of these, those that were refused as unavailable: too many waited, or the backup or its disk was "+
				"too slow."),
		gauge("presence_disk_failed", int64(n.DiskFailed),
			"1: the data directory takes nothing at the moment, and overrides of those that this node owns or "+
				"is the backup of are unavailable."),
		counter("presence_disk_refused_total", n.DiskRefused,
			"Overrides, registrations and sides of windows refused before anything was stored, as the data "+
				"directory here or at the backup takes nothing."),
		counter("presence_peer_half_messages_total", n.HalfMessages,
			"Direct messages of which only one side could be stored before their window ended."),
		counter("presence_peer_state_refused_total", n.StateRefused,
			"Partitions or changes from other nodes that were refused: damaged, or stamped over a minute ahead "+
				"of the clock here."),
	}
}

// linkFigures are of the connections between nodes, and the calls on them.
func linkFigures(n *cluster.Stats) []figure {
	missing, running := make(map[string]int64), make(map[string]int64)
	limit, refused := make(map[string]int64), make(map[string]int64)
	for class, nodes := range n.LinksMissing {
		missing[class] = int64(nodes)
	}
	for lane, l := range n.Lanes {
		running[lane], limit[lane], refused[lane] = l.Running, int64(l.Limit), l.Refused
	}
	return append(portFigures(n), []figure{
		gaugeBy("presence_peer_links_missing", "class", missing,
			"Other nodes to which no connection of a class works, from either side."),
		counter("presence_peer_suspicions_total", n.Suspicions,
			"Times in which another node answered no probe of this one's gossip."),
		gaugeBy("presence_peer_calls", "lane", running,
			"Calls of other nodes that are under way or wait here, by what they wait for."),
		gaugeBy("presence_peer_calls_limit", "lane", limit,
			"How many of them one connection may have; one more is refused."),
		counterBy("presence_peer_calls_refused_total", "lane", refused,
			"Calls of other nodes that were refused as so many were under way."),
		counter("presence_peer_relayed_calls_total", n.Relayed,
			"Calls of this node that went through a third one, as the links to the one that was asked were broken."),
		counter("presence_peer_outbox_full_total", n.LinkFull,
			"Messages or connections to other nodes given up because an outbox was full."),
		counter("presence_peer_refused_total", n.LinkRefused, "Nodes refused at the handshake."),
		counter("presence_peer_dials_total", n.LinkDialed, "Connections made to other nodes."),
		counter("presence_peer_lost_connections_total", n.LinkLost, "Connections to other nodes that broke."),
	}...)
}

// portFigures are of what comes to the ports for other nodes and has not shown who it is.
func portFigures(n *cluster.Stats) []figure {
	open, limit, closed := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for port, p := range n.Ports {
		open[port], limit[port], closed[port] = p.Open, int64(p.Limit), p.Closed
	}
	return []figure{
		gaugeBy("presence_unproven_connections", "port", open,
			"Connections to the ports for other nodes that have not shown who they are."),
		gaugeBy("presence_unproven_connections_limit", "port", limit,
			"How many of them there may be; one more closes the oldest."),
		counterBy("presence_unproven_connections_closed_total", "port", closed,
			"Of them, those that were closed: they were too many, or took too long, or sent too much."),
		counter("presence_gossip_large_packets_total", n.LargePackets,
			"Packets of gossip that were dropped as no node sends such large ones."),
	}
}
