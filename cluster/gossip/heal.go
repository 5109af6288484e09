package gossip

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

// How a node looks for those it has lost.
const (
	healEvery  = 5 * time.Second // and up to as much again, so that not all do it at once
	rememberOf = time.Hour       // for how long a lost member is looked for
)

// heal joins seeds and lost members that aren't seen, and reads the key file again.
func (g *Gossip) heal(ctx context.Context) {
	for {
		t := time.NewTimer(healEvery + rand.N(healEvery))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if g.keys != nil {
			g.keys.refresh()
		}
		if err := g.join(g.missing(alternately(g.recentlyLost(), g.resolveAll(ctx, g.config.Seeds)))); err != nil {
			g.config.Logger.Warn("gossip join refused", "err", err)
		}
	}
}

// alternately takes of the lost and of the seeds in turn: where addresses change, the lost may be many that never come back, and must not
// keep the seeds from being tried.
func alternately(lost, seeds []string) (all []string) {
	for i := range max(len(lost), len(seeds)) {
		if i < len(lost) {
			all = append(all, lost[i])
		}
		if i < len(seeds) {
			all = append(all, seeds[i])
		}
	}
	return all
}

func (g *Gossip) recentlyLost() (addresses []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for a, when := range g.lost {
		if time.Since(when) > rememberOf {
			delete(g.lost, a)
			continue
		}
		addresses = append(addresses, a)
	}
	return addresses
}

// resolveAll turns seeds, host:port, into addresses. A name that doesn't resolve at the moment is left out.
func (g *Gossip) resolveAll(ctx context.Context, seeds []string) (addresses []string) {
	for _, seed := range seeds {
		host, port, err := net.SplitHostPort(seed)
		if err != nil {
			g.config.Logger.Warn("gossip seed is not HOST:PORT", "seed", seed, "err", err)
			continue
		}
		ips, err := resolve(ctx, host)
		if err != nil {
			g.config.Logger.Debug("gossip seed does not resolve", "seed", seed, "err", err)
			continue
		}
		for _, ip := range ips {
			addresses = append(addresses, net.JoinHostPort(ip, port))
		}
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	return addresses
}

// maxJoin is how many addresses are tried at a time: one that answers is enough, each that doesn't costs a timeout.
const maxJoin = 5

// missing are those addresses, a few at most, at which no member is seen.
func (g *Gossip) missing(addresses []string) (out []string) {
	seen := make(map[string]bool)
	g.mu.Lock()
	for _, m := range g.members {
		seen[m.address] = true
	}
	g.mu.Unlock()
	for _, a := range addresses {
		if !seen[a] && len(out) < maxJoin {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// resolve asks the resolver each time: addresses behind a name change.
func resolve(ctx context.Context, host string) ([]string, error) {
	if net.ParseIP(host) != nil {
		return []string{host}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err == nil && len(ips) == 0 {
		err = fmt.Errorf("no address for %q", host)
	}
	return ips, err
}

// parseLine takes memberlist's "[WARN] memberlist: text" apart. What it reports of every failed probe is news to nobody who
// doesn't look for it.
func parseLine(line string) (slog.Level, string) {
	line = strings.TrimSpace(line)
	for prefix, level := range map[string]slog.Level{
		"[DEBUG]": slog.LevelDebug, "[INFO]": slog.LevelDebug, "[WARN]": slog.LevelInfo, "[ERR]": slog.LevelWarn, "[ERROR]": slog.LevelWarn,
	} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return level, strings.TrimPrefix(strings.TrimSpace(rest), "memberlist: ")
		}
	}
	return slog.LevelInfo, line
}
