package main

import "github.com/scaiwave/presence/bench/scenario"

const about = `Measure a presence cluster: what it carries, and what users see of a crash or a deploy.

Try it: "presence-bench steady" starts a node on loopback, measures it for 20 s, and writes ` +
	`bench-results/steady.json. With --server it measures a cluster that runs.`

// cli is the grammar of the command line.
type cli struct {
	Steady command[scenario.Steady,
		*scenario.Steady] `cmd:"" help:"A crowd that is simply there: what does it cost?"`
	Herd command[scenario.Herd,
		*scenario.Herd] `cmd:"" help:"All connect at once, and again after all connections were lost."`
	Rush command[scenario.Rush,
		*scenario.Rush] `cmd:"" help:"All connect at once, again and again: how long do others wait meanwhile?"`
	Fanout command[scenario.Fanout,
		*scenario.Fanout] `cmd:"" help:"How soon, and at what price, changes reach those who watch."`
	Query command[scenario.Query, *scenario.Query] `cmd:"" help:"Fetch the states of many ids at once."`
	Churn command[scenario.Churn,
		*scenario.Churn] `cmd:"" help:"Short visits: is memory back at its baseline? Local nodes only."`
	Expiry command[scenario.Expiry,
		*scenario.Expiry] `cmd:"" help:"How late a participant is shown offline who left without a word."`
	Failover command[scenario.Failover,
		*scenario.Failover] `cmd:"" help:"Kill one node after the other: what do users see? Local nodes only."`
	Rolling command[scenario.Rolling,
		*scenario.Rolling] `cmd:"" help:"Restart one node after the other, as a deploy does. Local nodes only."`
	Capacity command[scenario.Capacity,
		*scenario.Capacity] `cmd:"" help:"Raise the load until a service level breaks, and say what broke."`
	Engine command[scenario.Engine,
		*scenario.Engine] `cmd:"" help:"The shard by itself, in this process, with millions of participants."`
	Link command[scenario.Link,
		*scenario.Link] `cmd:"" help:"The link between a gateway in this process and a node that owns all participants, at saturation."`
	Scale command[scenario.Scale,
		*scenario.Scale] `cmd:"" help:"Clusters of several sizes: what grows with the number of nodes? Local nodes only."`

	Sockets command[scenario.Sockets,
		*scenario.Sockets] `cmd:"" help:"As many sockets on each of several nodes as open files allow: memory, and what a plan says. Local nodes only."`

	Rushers scenario.Rushers `cmd:"" hidden:"" help:"The part of rush that connects, which rush starts."`

	readers `embed:""`
}
