package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/cluster/link"
)

// watched is a keyWatch over a node's own certificate, which is its authority too, and another for
// clients.
func watched(t *testing.T) (k *keyWatch, logs *output, peerFile, publicFile string) {
	t.Helper()
	logs = &output{}
	k = newKeyWatch(slog.New(slog.NewTextHandler(logs, nil)))
	peerFile, peerKey := pairOnDisk(t, "node")
	publicFile, publicKey := pairOnDisk(t, "public")
	var err error
	if k.peers, err = link.LoadTLS("node", peerFile, peerKey, peerFile, k.options(&k.peerFailures)); err != nil {
		t.Fatal(err)
	}
	if k.public, err = loadCertificate(publicFile, publicKey, k.options(&k.publicFailures)); err != nil {
		t.Fatal(err)
	}
	return k, logs, peerFile, publicFile
}

// scraped are the figures of k, by name and label.
func scraped(t *testing.T, k *keyWatch) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(k)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()+" "+m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return got
}

func wantFigures(t *testing.T, got, want map[string]float64) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("metrics %v,\nwant    %v", got, want)
	}
}

func TestKeyMetrics(t *testing.T) {
	none := map[string]float64{
		"presence_reload_failures_total peer-tls": 0, "presence_reload_failures_total tls": 0,
		"presence_reload_failures_total gossip-keys": 0,
		"presence_reload_failures_total admin-token": 0, "presence_reload_failures_total authorize-secret": 0,
	}
	wantFigures(t, scraped(t, newKeyWatch(slog.New(slog.DiscardHandler))), none)

	k, _, peerFile, publicFile := watched(t)
	end := float64(k.peers.End().Unix())
	for _, name := range []string{"peer", "peer-ca", "public"} {
		none["presence_certificate_end_seconds "+name] = end
	}
	none["presence_certificate_end_seconds public"] = float64(k.inUse()[2].end.Unix())
	wantFigures(t, scraped(t, k), none)

	write(t, peerFile, []byte("rubbish"))
	k.look(time.Now().Unix())
	k.look(time.Now().Unix())
	_ = os.Remove(publicFile)
	k.look(time.Now().Unix())
	none["presence_reload_failures_total peer-tls"], none["presence_reload_failures_total tls"] = 3, 1
	wantFigures(t, scraped(t, k), none)
}

// TestEndIsTold: each step once for each certificate, though files are looked at every two seconds.
func TestEndIsTold(t *testing.T) {
	k, logs, peerFile, _ := watched(t)
	end := k.peers.End().Unix()
	for _, before := range []int64{15 * 24 * 3600, 13 * 24 * 3600, 13*24*3600 - 2, 3600, 3598, -10, -12} {
		k.look(end - before)
	}
	text := logs.String()
	for _, says := range []string{"ends within 14 days", "ends within an hour", "has ended"} {
		for _, name := range []string{"peer", "peer-ca", "public"} {
			line := fmt.Sprintf("level=WARN msg=\"a certificate %s\" certificate=%s file=", says, name)
			if n := strings.Count(text, line); n != 1 {
				t.Errorf("%q stands there %d times", line, n)
			}
		}
	}
	if n := strings.Count(text, "\n"); n != 9 {
		t.Errorf("%d lines:\n%s", n, text)
	}
	if !strings.Contains(text, "certificate=peer file="+peerFile+" end="+k.peers.End().Format("2006-01-02T15:04:05")) {
		t.Errorf("neither file nor end:\n%s", text)
	}
}
