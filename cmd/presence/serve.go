package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"
)

// serveCommand holds the settings of a node. The tags are their names, defaults and help; kong
// fills the fields.
type serveCommand struct {
	Config string `placeholder:"FILE" help:"YAML file of these settings: a line per flag, without the dashes, such as listen: 0.0.0.0:8080. The command line beats the environment, that beats the file."`

	listenSettings `embed:"" group:"listen"`
	whoSettings    `embed:"" group:"who"`
	tokenSettings  `embed:"" group:"who"`

	authorizeSettings `embed:"" group:"who"`

	timingSettings `embed:"" group:"timing"`
	limitSettings  `embed:"" group:"limit"`

	admissionSettings `embed:"" group:"limit"`
	proxySettings     `embed:"" group:"listen"`

	nodeSettings `embed:"" group:"node"`
	peerSettings `embed:"" group:"peer"`

	// made by check
	memory        memoryLimit
	adminLoopback bool     // nobody else reaches --admin-listen
	wantsPeers    bool     // ports for other nodes are opened
	idle          []string // settings that do nothing without these

	// made by runNode
	alone bool      // nobody will find this node, and it keeps nothing
	keys  *keyWatch // certificates, and what is counted of their files
}

type listenSettings struct {
	Listen         address `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where clients come: HTTP, WebSocket, Server-Sent Events."`
	AdminListen    address `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where operators come: /healthz, /readyz, /metrics, /debug/pprof. No token is asked for here without --admin-token-file."`
	AdminTokenFile string  `placeholder:"FILE" help:"Token that --admin-listen asks for, all but /healthz and /readyz; 32 characters or more in one line. Read again when the file changes."`
	TLSCert        string  `name:"tls-cert" placeholder:"FILE" help:"Certificate chain, PEM: makes --listen HTTPS and WSS. Read again when the file changes."`
	TLSKey         string  `name:"tls-key" placeholder:"FILE" help:"Key of --tls-cert, PEM."`
	AdminPprof     bool    `help:"Serve /debug/pprof even if --admin-listen is beyond loopback. On loopback it is always there."`
	Demo           *bool   `negatable:"" help:"Serve a page at / to try presence in a browser. On by default for loopback with --auth=insecure."`
}

type whoSettings struct {
	Auth              string   `enum:"insecure,jwt" default:"insecure" placeholder:"HOW" help:"insecure: the token itself is the participant id, for development. jwt: tokens are signed; needs a key."`
	JWTKeyFile        string   `name:"jwt-key-file" placeholder:"FILE" help:"Key that signs tokens: a public key in PEM (RS256, ES256, EdDSA), or 32 bytes or more of secret (HS256)."`
	JWTJWKSURL        string   `name:"jwt-jwks-url" placeholder:"URL" help:"Where the issuer publishes its public keys; https, or loopback."`
	JWTIssuer         string   `name:"jwt-issuer" placeholder:"TEXT" help:"What iss must be. Anything if not given."`
	VisibilityDefault string   `enum:"everyone,allowed" default:"everyone" placeholder:"WHO" help:"Who sees participants that have set nothing: everyone, or allowed, which are those whom an edge or a direct message lets."`
	AllowInsecure     bool     `help:"Let --auth=insecure listen beyond loopback: anyone who reaches the port is whoever they say."`
	AllowedOrigins    []string `placeholder:"ORIGIN" help:"Browser origins besides the server's own, such as https://app.example.com or https://*.example.com; file:// and null for local files, null also for sandboxed frames of any site."`
}

type timingSettings struct {
	HeartbeatInterval time.Duration `default:"${heartbeat_interval}" placeholder:"TIME" help:"How often a device should report; told to clients."`
	MissedHeartbeats  int           `default:"${missed_heartbeats}" placeholder:"N" help:"A device is gone after so many intervals without a sign of life, and the grace."`
	Grace             time.Duration `default:"${grace}" placeholder:"TIME" help:"For a heartbeat that is on its way."`
	RecordTTL         time.Duration `name:"record-ttl" default:"${record_ttl}" placeholder:"TIME" help:"How long last_seen is remembered after the last sign of life."`
	Linger            time.Duration `default:"${linger}" placeholder:"TIME" help:"How long a socket that closed without a goodbye keeps its device, so that a page reload is no event."`
	DMWindow          time.Duration `name:"dm-window" default:"${dm_window}" placeholder:"TIME" help:"How long a direct message lets its two participants see through appear_offline."`
	UnattendedAfter   time.Duration `default:"${unattended_after}" placeholder:"TIME" help:"A device whose socket sends nothing but answers to pings for so long is idle until its next heartbeat: browsers answer for pages that don't run. 0: never."`
	Tick              time.Duration `default:"${tick}" placeholder:"TIME" help:"Expiries come at most so much late."`
}

type limitSettings struct {
	MaxConnections     int     `placeholder:"N" help:"Sockets and event streams. By default what the limit of open files allows."`
	MaxDevices         int     `default:"${max_devices}" placeholder:"N" help:"Live devices a participant."`
	MaxExceptions      int     `default:"${max_exceptions}" placeholder:"N" help:"Direct-message windows, edges and blocks a participant; the oldest window makes room."`
	MaxWindows         int     `placeholder:"N" help:"The former name of --max-exceptions, which goes on working."`
	MaxSockets         int     `default:"${max_sockets}" placeholder:"N" help:"Sockets a participant."`
	ServiceSockets     int     `default:"${service_sockets}" placeholder:"N" help:"Sockets of a participant whose token has service scope: all processes of a backend, if they share a name."`
	RequestMemory      size    `placeholder:"SIZE" help:"Memory that requests in flight may take, such as 64MiB; a participant a quarter. By default an eighth of the memory limit, at most ${most_requests}."`
	ConnectionRate     float64 `default:"${connection_rate}" placeholder:"N" help:"Messages a second and connection; bursts of ${message_burst} times that."`
	ParticipantRate    float64 `default:"${participant_rate}" placeholder:"N" help:"HTTP requests a second and participant; bursts of ${participant_burst} times that."`
	StrangerLimit      int     `default:"${stranger_limit}" placeholder:"N" help:"Participants within 24 h that a viewer may ask about or watch at this node without a direct-message window, an edge that allows, or service scope. 0: any number."`
	ParticipantIDsRate float64 `name:"participant-ids-rate" default:"${participant_ids_rate}" placeholder:"N" help:"Ids a second and participant, over all its requests and sockets, that it asks about, watches or unwatches; bursts of ${ids_burst} times that."`
}

type nodeSettings struct {
	NodeID         string   `name:"node-id" placeholder:"NAME" help:"Name of this node; the host name by default."`
	AIPrefix       []string `name:"ai-prefix" default:"${ai_prefix}" placeholder:"TEXT" help:"Ids that begin so are AI participants: online, always."`
	MetricsTenants []string `name:"metrics-tenants" placeholder:"TENANT" help:"Tenants that have metrics of their own; others have none. May be repeated."`

	LogLevel  string `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text for people, json for machines."`
}

// peerSettings are about other nodes.
type peerSettings struct {
	Join               []address     `placeholder:"HOST:PORT" help:"Gossip address of another node; a name is resolved each time, to all its addresses. May be repeated. This node's own does no harm."`
	JoinWait           time.Duration `default:"10s" placeholder:"TIME" help:"How long to look for a seed before serving alone."`
	ExpectNodes        int           `default:"0" placeholder:"N" help:"Not ready before so many nodes were seen at once, this one included, unless --data-dir knows the cluster. 0 expects none."`
	PeerListen         address       `default:"127.0.0.1:7947" placeholder:"HOST:PORT" help:"Where other nodes come. Opened only with --join, --expect-nodes, this or --gossip-listen."`
	GossipListen       address       `default:"127.0.0.1:7946" placeholder:"HOST:PORT" help:"Where gossip comes, TCP and UDP. Opened with --peer-listen."`
	AdvertiseAddress   string        `placeholder:"HOST" help:"What other nodes dial; the listen addresses' host by default, or, if that is every address, the one private address of the machine."`
	Role               string        `enum:"shard,gateway,all" default:"all" placeholder:"ROLE" help:"shard owns participants, gateway takes clients, all does both."`
	DataDir            string        `placeholder:"DIR" help:"Where to keep overrides, windows, registrations and last-seen, so that they survive a stop of all nodes. In memory only by default."`
	ClusterName        string        `default:"presence" placeholder:"NAME" help:"Clusters with other names are refused."`
	ViewerKeyFile      string        `placeholder:"FILE" help:"Secret of 16 bytes or more, the same on all nodes, by which edges are found; ids that get into each other's way can't be made without it. From --cluster-name by default."`
	GossipKeyFile      string        `placeholder:"FILE" help:"Keys that encrypt gossip, 16, 24 or 32 bytes in base64, one a line; the first encrypts. Read again when the file changes."`
	PeerTLSCert        string        `name:"peer-tls-cert" placeholder:"FILE" help:"This node's certificate for other nodes, PEM; it must name --node-id. Read again when the file changes."`
	PeerTLSKey         string        `name:"peer-tls-key" placeholder:"FILE" help:"Its key, PEM."`
	PeerTLSCA          string        `name:"peer-tls-ca" placeholder:"FILE" help:"Who signs nodes' certificates, PEM."`
	AllowInsecurePeers bool          `help:"Let peer or gossip listeners beyond loopback go without TLS or key."`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, k *kong.Context, t terminal) error {
	given := givenFlags(k)
	if err := c.check(ctx, given); err != nil {
		return err
	}
	log, flush := newLogger(t.err, &c.nodeSettings)
	defer flush()
	slog.SetDefault(log) // for what libraries write by themselves, too
	return runNode(ctx, c, log, t)
}

// givenFlags are the names of the flags that were set anywhere, in the order they were found.
func givenFlags(k *kong.Context) (names []string) {
	for _, p := range k.Path {
		if p.Flag != nil {
			names = append(names, p.Flag.Name)
		}
	}
	return names
}

func (c *serveCommand) insecure() bool { return c.Auth == "insecure" }
