package gateway

import (
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/socket"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// What this package holds: the server, its calls and its routes. They know each other, so they
// stand in one file; their methods are in the files above it.

// Server answers clients. It is the node's cluster.Sink. All methods are safe for concurrent use.
type Server struct {
	// static
	config  Config // without its Cluster, which is node, people, hub and sockets from here on
	node    node
	people  people.People
	routes  []*route
	public  http.Handler
	metrics *metrics
	tenants tenantMeters
	rates   *rates // requests of a participant
	idRates *rates // ids that a participant asks about or watches, over HTTP and sockets

	strangers *strangers
	origins   origins
	shares    *admit.Shares // of the memory for requests

	entrance *entrance

	contractTag string
	hub         *hub.Hub
	sockets     *socket.Server

	streams  streams
	draining chan struct{} // closed when the node leaves
	leave    sync.Once
	leaving  atomic.Bool // it will, soon
}

// call is one request on its way through the gateway. It belongs to the goroutine that serves the
// request.
type call struct {
	s *Server
	w http.ResponseWriter
	r *http.Request

	route  *route
	params [maxParams]string  // from the path: participant, device or viewer
	of     tenant.Participant // whom the path names
	viewer tenant.Participant // whom it names besides
	who    auth.Identity
	status int           // answered; 0: nothing yet
	paid   int           // ids that were counted against the participant's rate
	wait   time.Duration // until a rate lets the caller in; 0: it has
	again  time.Duration // after which it makes sense to send the token again, if it wasn't judged

	start   time.Time
	counted bool   // in the metrics of answers
	trace   string // see traceID

	hold admit.Hold // memory for what the client sent, and what becomes of it

	visit
	*scratch
}

// scratch is memory that requests use one after another.
type scratch struct {
	body   []byte
	out    []byte
	ids    []string
	states []shard.State
	set    idSet
}

// visit is what a request holds of the entrance.
type visit struct {
	conn   *admit.Conn // nil: through a listener that nobody bounds
	client netip.Addr
	placed bool       // in forwarded
	large  bool       // the header draws on memory
	memory admit.Hold // of a large header
}

// access says who may make a call.
type access uint8

const (
	open     access = iota // anybody, without a token
	hello                  // anybody; a token may come later, in the first message
	anyone                 // any bearer of a token
	self                   // the participant of the path, or service scope
	service                // service scope
	admin                  // admin scope
	operator               // likewise, of no tenant: the call is about all
)

// route is one call of the API.
type route struct {
	method  string // GET serves HEAD too, but for a WebSocket
	path    string // as in the OpenAPI file; the name in metrics
	who     access
	query   []string // known query parameters; with any, do reads them
	bare    bool     // takes no body
	feature string   // of the cluster, without which it isn't served; empty: none
	do      func(*call) error
	load    admit.Load // what a text of it takes in memory
	pattern []string
	meter   *routeMeter
}

const maxParams = 2

var errDraining = errors.New("draining: this node is leaving")
