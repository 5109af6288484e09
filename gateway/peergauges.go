package gateway

import "github.com/scaiwave/presence/cluster"

// peerFigures are of what nodes keep for each other.
func peerFigures(n *cluster.Stats) []figure {
	return []figure{
		{name: "presence_members", help: "Nodes in sight now, this one included, and how many it waits for before it is ready.", kind: gauge, label: "state", values: map[string]int64{"seen": int64(n.Members), "expected": int64(n.Expected)}},
		{name: "presence_peer_copies", help: "Partitions of other nodes that this one keeps up as their backup.", kind: gauge, value: int64(n.Copies)},
		{name: "presence_peer_moving_partitions", help: "Partitions on their way to or from this node.", kind: gauge, value: int64(n.Moving)},
		{name: "presence_peer_promoted_total", help: "Partitions taken over from a node that had gone.", kind: counter, value: n.Promoted},
		{name: "presence_peer_lost_total", help: "Partitions of which nothing was left; who isn't known to be there is unknown for a deadline.", kind: counter, value: n.Lost},
		{name: "presence_peer_handed_over_total", help: "Partitions pushed to their owner.", kind: counter, value: n.HandedOver},
		{name: "presence_peer_replication_failures_total", help: "Batches that a backup did not take; they are sent again.", kind: counter, value: n.ReplicaFails},
		{name: "presence_facts_waiting", help: "Overrides, registrations and sides of windows that wait for a backup.", kind: gauge, value: int64(n.FactsWaiting)},
		{name: "presence_facts_waiting_limit", help: "How many may wait for one backup; one more is refused.", kind: gauge, value: cluster.MaxFactsWaiting},
		{name: "presence_facts_refused_total", help: "Of these, those that were refused as unavailable: too many waited, or the backup or its disk was too slow.", kind: counter, value: n.FactsRefused},
		{name: "presence_disk_failed", help: "1: the data directory takes nothing at the moment, and overrides of those that this node owns or is the backup of are unavailable.", kind: gauge, value: int64(n.DiskFailed)},
		{name: "presence_disk_refused_total", help: "Overrides, registrations and sides of windows refused before anything was stored, as the data directory here or at the backup takes nothing.", kind: counter, value: n.DiskRefused},
		{name: "presence_peer_half_messages_total", help: "Direct messages of which only one side could be stored before their window ended.", kind: counter, value: n.HalfMessages},
		{name: "presence_peer_state_refused_total", help: "Partitions or changes from other nodes that were refused: damaged, or stamped over a minute ahead of the clock here.", kind: counter, value: n.StateRefused},
	}
}

// linkFigures are of the connections between nodes, and the calls on them.
func linkFigures(n *cluster.Stats) []figure {
	missing, running, limit, refused := make(map[string]int64), make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for class, nodes := range n.LinksMissing {
		missing[class] = int64(nodes)
	}
	for lane, l := range n.Lanes {
		running[lane], limit[lane], refused[lane] = l.Running, int64(l.Limit), l.Refused
	}
	return append(portFigures(n), []figure{
		{name: "presence_peer_links_missing", help: "Other nodes to which no connection of a class works, whoever made it.", kind: gauge, label: "class", values: missing},
		{name: "presence_peer_suspicions_total", help: "Times in which another node answered no probe of this one's gossip.", kind: counter, value: n.Suspicions},
		{name: "presence_peer_calls", help: "Calls of other nodes that are under way or wait here, by what they wait for.", kind: gauge, label: "lane", values: running},
		{name: "presence_peer_calls_limit", help: "How many of them one connection may have; one more is refused.", kind: gauge, label: "lane", values: limit},
		{name: "presence_peer_calls_refused_total", help: "Calls of other nodes that were refused as so many were under way.", kind: counter, label: "lane", values: refused},
		{name: "presence_peer_relayed_calls_total", help: "Calls of this node that went through a third one, as the links to the one that was asked were broken.", kind: counter, value: n.Relayed},
		{name: "presence_peer_outbox_full_total", help: "Messages or connections to other nodes given up because an outbox was full.", kind: counter, value: n.LinkFull},
		{name: "presence_peer_refused_total", help: "Nodes refused at the handshake.", kind: counter, value: n.LinkRefused},
		{name: "presence_peer_dials_total", help: "Connections made to other nodes.", kind: counter, value: n.LinkDialed},
		{name: "presence_peer_lost_connections_total", help: "Connections to other nodes that broke.", kind: counter, value: n.LinkLost},
	}...)
}

// portFigures are of what comes to the ports for other nodes and has not shown who it is.
func portFigures(n *cluster.Stats) []figure {
	open, limit, closed := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for port, p := range n.Ports {
		open[port], limit[port], closed[port] = p.Open, int64(p.Limit), p.Closed
	}
	return []figure{
		{name: "presence_unproven_connections", help: "Connections to the ports for other nodes that have not shown who they are.", kind: gauge, label: "port", values: open},
		{name: "presence_unproven_connections_limit", help: "How many of them there may be; one more closes the oldest.", kind: gauge, label: "port", values: limit},
		{name: "presence_unproven_connections_closed_total", help: "Of them, those that were closed: they were too many, or took too long, or sent too much.", kind: counter, label: "port", values: closed},
		{name: "presence_gossip_large_packets_total", help: "Packets of gossip that were dropped as no node sends such large ones.", kind: counter, value: n.LargePackets},
	}
}
