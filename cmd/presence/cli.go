package main

import (
	"errors"
	"reflect"
	"time"

	"github.com/alecthomas/kong"
)

// cli is the grammar of the command line.
type cli struct {
	Serve   serveCommand   `cmd:"" help:"Run a node: presence over HTTP, WebSocket and Server-Sent Events."`
	Get     getCommand     `cmd:"" help:"Show what states participants are in."`
	Watch   watchCommand   `cmd:"" help:"Show states and statuses as they change, until Ctrl-C."`
	Set     setCommand     `cmd:"" help:"Pick your state by hand, or leave it to your devices again."`
	Status  statusCommand  `cmd:"" help:"Say something of yourself that others see, such as that you are on a train."`
	Block   blockCommand   `cmd:"" help:"Have somebody no longer see you."`
	Unblock unblockCommand `cmd:"" help:"Let somebody see you again whom you have blocked."`
	Export  exportCommand  `cmd:"" help:"Print all that is held of a participant, as JSON."`
	Forget  forgetCommand  `cmd:"" help:"Erase a participant: forget everything of it, on all nodes and their disks; for tokens with the scope presence:service."`
	Beat    beatCommand    `cmd:"" help:"Keep a device online until Ctrl-C, then sign it out."`
	Cluster clusterCommand `cmd:"" help:"Show the nodes, what each owns, and what is on its way; for tokens with the scope presence:admin."`
	Why     whyCommand     `cmd:"" help:"Say why a viewer sees a participant so, in words to read out; for tokens with the scope presence:admin."`
	Health  healthCommand  `cmd:"" help:"Exit with 0 when the node is ready to serve, with 1 otherwise."`
	Version versionCommand `cmd:"" help:"Show what was built."`
}

const about = `Who is here: online, idle, busy, invisible or offline.

Try it in two terminals: "presence serve" in one; in the other ` +
	`"presence beat --token alice &" and "presence watch alice --token bob".`

// errHelped ends the parsing once help has been printed.
var errHelped = errors.New("help was printed")

func options(t terminal, given *settings) []kong.Option {
	return []kong.Option{
		kong.Name("presence"),
		kong.Description(about),
		defaults(),
		kong.Writers(t.out, t.err),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, WrapUpperBound: 110}),
		kong.ValueFormatter(describe),
		kong.Help(func(o kong.HelpOptions, c *kong.Context) error {
			return errors.Join(kong.DefaultHelpPrinter(o, c), errHelped)
		}),
		kong.ExplicitGroups(groups),
		kong.Bind(given),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(duration)),
		kong.WithBeforeResolve(useSettings),
	}
}

var groups = []kong.Group{
	{Key: "listen", Title: "Where to listen"},
	{Key: "who", Title: "Who may ask"},
	{Key: "timing", Title: "Timings"},
	{Key: "limit", Title: "Limits"},
	{Key: "node", Title: "The node"},
	{Key: "peer", Title: "Between nodes", Description: "Several nodes are one cluster: " +
		"each is given the gossip address of one or more others."},
	{Key: "server", Title: "Which server"},
}
