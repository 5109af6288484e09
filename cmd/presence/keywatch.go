package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/cluster/keyfiles"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/gateway/authorize"
)

// keyInterval is how often certificate files are read.
const keyInterval = 2 * time.Second

// keyWatch follows the files of certificates, tells before one ends, and counts. It is a collector
// of its own: the files are cmd's, and the gateway, which has the other figures, knows nothing of
// certificates between nodes.
type keyWatch struct {
	// static once the node is put together
	log    *slog.Logger
	peers  *link.TLS    // nil: plain
	public *certificate // likewise
	admin  *adminToken  // nil: none

	secrets *keyfiles.Files[authorize.Secrets] // nil: no backend is asked who may see whom

	// looks that found files that can't be used
	peerFailures, publicFailures, gossipFailures, adminFailures, secretFailures atomic.Int64

	told map[string]step // by certificate; of look alone
}

func newKeyWatch(log *slog.Logger) *keyWatch {
	return &keyWatch{log: log, told: make(map[string]step)}
}

func (k *keyWatch) options(failures *atomic.Int64) keyfiles.Options {
	return keyfiles.Options{Logger: k.log, Failures: failures}
}

// watch looks until ctx ends.
func (k *keyWatch) watch(ctx context.Context) {
	ticker := time.NewTicker(keyInterval)
	defer ticker.Stop()
	for {
		k.look(time.Now().Unix())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look reads the files again and says, at now in Unix seconds, what ends.
func (k *keyWatch) look(now int64) {
	if k.peers != nil {
		k.peers.Look()
	}
	if k.public != nil {
		k.public.look()
	}
	if k.admin != nil {
		k.admin.look()
	}
	if k.secrets != nil && k.secrets.Look() {
		k.log.Info("authorize secrets reloaded")
	}
	for _, c := range k.inUse() {
		at, says := ending(now, c.end.Unix(), k.told[c.name])
		k.told[c.name] = at
		if says != "" {
			k.log.Warn(says, "certificate", c.name, "file", c.file, "end", c.end)
		}
	}
}

// inUse is a certificate, by the name it has in the metrics.
type inUse struct {
	name, file string
	end        time.Time // of its chain, the earliest
}

func (k *keyWatch) inUse() (all []inUse) {
	if k.peers != nil {
		certFile, caFile := k.peers.Files()
		all = append(all, inUse{"peer", certFile, k.peers.End()}, inUse{"peer-ca", caFile, k.peers.AuthoritiesEnd()})
	}
	if k.public != nil {
		all = append(all, inUse{"public", k.public.certFile, keyfiles.End(k.public.files.Current().Chain)})
	}
	return all
}

var (
	endDesc = prometheus.NewDesc("presence_certificate_end_seconds",
		"When a certificate in use ends, in Unix time; "+
			"of a chain, or of several authorities, the first to end.", []string{"certificate"}, nil)
	failuresDesc = prometheus.NewDesc("presence_reload_failures_total",
		"Looks at certificate and key files that found what can't be used; "+
			"what was read before stays in use.", []string{"file"}, nil)
)

// Describe is prometheus.Collector's.
func (k *keyWatch) Describe(ch chan<- *prometheus.Desc) {
	ch <- endDesc
	ch <- failuresDesc
}

// Collect is prometheus.Collector's.
func (k *keyWatch) Collect(ch chan<- prometheus.Metric) {
	for _, c := range k.inUse() {
		ch <- prometheus.MustNewConstMetric(endDesc, prometheus.GaugeValue, float64(c.end.Unix()), c.name)
	}
	for file, n := range map[string]*atomic.Int64{
		"peer-tls": &k.peerFailures, "tls": &k.publicFailures,
		"gossip-keys": &k.gossipFailures, "admin-token": &k.adminFailures, "authorize-secret": &k.secretFailures,
	} {
		ch <- prometheus.MustNewConstMetric(failuresDesc, prometheus.CounterValue, float64(n.Load()), file)
	}
}
