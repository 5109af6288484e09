package gossip

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"regexp"
	"strings"
)

// All that is known of memberlist's words is here: what its errors and the lines of its log mean.
// For each there is a test that has memberlist say it.

// phrases are in errors of streams, at either end. The first that is found counts.
var phrases = []struct {
	says  string
	cause cause
}{
	{"no installed keys could decrypt the message", otherKey},
	{"remote state is encrypted and encryption is not configured", encrypted},
	{"encryption is configured but remote state is not encrypted", unencrypted},
	{"connection refused", refusing},
	{"i/o timeout", silent},
	{"no route to host", silent},
	{"network is unreachable", silent},
	{"host is down", silent},
	{"EOF", closing},
	{"connection reset by peer", closing},
	{"broken pipe", closing},
}

// joinFailed is what the error of a join means.
func joinFailed(err error) (c cause, detail string) {
	text := err.Error()
	for _, p := range phrases {
		if strings.Contains(text, p.says) {
			return p.cause, p.says
		}
	}
	_, last, _ := strings.Cut(text, "failed to join ")
	return unclear, bounded(last)
}

// Lines of memberlist's log that tell of a trouble or a suspicion. Of what known matches a callback
// has told before, or this node caused it by closing a stream.
var (
	badStream  = regexp.MustCompile(`^failed to receive: (.*) from=(\S+)$`)
	badPacket  = regexp.MustCompile(`^Decrypt packet failed: (.*) from=(\S+)$`)
	unreadable = regexp.MustCompile(`^Failed to decode (?:ping|indirect ping) request: .* from=(\S+)$`)
	badLabel   = regexp.MustCompile(`^discarding (?:stream|packet) with unacceptable label (".*"): from=(\S+)$`)
	noPackets  = regexp.MustCompile(`^Was able to connect to (\S+) over TCP but UDP probes failed`)
	suspected  = regexp.MustCompile(`^Suspect (\S+) has failed, no acks received$`)
	known      = regexp.MustCompile(
		`^(?:ignoring alive message for '.*': node |Failed push/pull merge: node )|: use of closed network connection`)
)

// hear notes what a line of memberlist's log tells. It returns the level at which the line itself
// is logged: debug, if what it tells is logged in other words.
func (g *Gossip) hear(level slog.Level, line string) slog.Level {
	if g.hearTrouble(line) || known.MatchString(line) {
		return slog.LevelDebug
	}
	if m := suspected.FindStringSubmatch(line); m != nil {
		g.suspect(m[1])
	}
	return level
}

// hearTrouble notes the trouble that a line tells of. It reports whether there is one.
func (g *Gossip) hearTrouble(line string) bool {
	if m := badStream.FindStringSubmatch(line); m != nil {
		if c, _ := joinFailed(errors.New(m[1])); c.ofKeys() {
			g.trouble(c, hostOf(m[2]), "")
			return true
		}
	}
	if m := badPacket.FindStringSubmatch(line); m != nil {
		g.trouble(ofPacket(m[1]), hostOf(m[2]), "")
		return true
	}
	if m := unreadable.FindStringSubmatch(line); m != nil && g.keys == nil {
		g.trouble(encrypted, hostOf(m[1]), "")
		return true
	}
	if m := badLabel.FindStringSubmatch(line); m != nil {
		g.trouble(otherCluster, hostOf(m[2]), labels(m[1], g.config.ClusterName))
		return true
	}
	if m := noPackets.FindStringSubmatch(line); m != nil {
		g.unsuspect(m[1])
		g.trouble(lossy, m[1], "")
		return true
	}
	return false
}

// ofPacket is why a packet could not be decrypted. One that is no encrypted packet at all was not
// encrypted.

func ofPacket(err string) cause {
	if strings.Contains(err, "unsupported encryption version") || strings.Contains(err, "too small to decrypt") {
		return unencrypted
	}
	return otherKey
}

func labels(there, here string) string {
	if there == `""` {
		return "it names none, so it may be no node at all"
	}
	return "its --cluster-name is " + bounded(there) + ", not " + here
}

// hostOf leaves out the port that a connection came from: the next one comes from another.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// reason is what is wrong with a name.
func reason(err error) string {
	if e := (*net.DNSError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err.Error()
}

// bounded makes text from outside fit for a log: short, and without control characters.
func bounded(text string) string {
	const most = 200
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, strings.TrimSpace(text))
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// parseLine takes memberlist's "[WARN] memberlist: text" apart. Its levels are lowered by one, as
// it warns of every failed probe.
func parseLine(line string) (slog.Level, string) {
	line = strings.TrimSpace(line)
	for prefix, level := range map[string]slog.Level{
		"[DEBUG]": slog.LevelDebug, "[INFO]": slog.LevelDebug, "[WARN]": slog.LevelInfo, "[ERR]": slog.LevelWarn,
		"[ERROR]": slog.LevelWarn,
	} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return level, strings.TrimPrefix(strings.TrimSpace(rest), "memberlist: ")
		}
	}
	return slog.LevelInfo, line
}

// levels turns memberlist's lines into records with a level.
type levels struct{ *Gossip }

func (l levels) Write(b []byte) (int, error) {
	level, text := parseLine(string(b))
	level = l.hear(level, text)
	l.config.Logger.Log(context.Background(), level, text, "library", "memberlist")
	return len(b), nil
}

// Trouble is why other nodes were not met within the last minute, the most telling first; 16 at
// most.
func (g *Gossip) Trouble() []Trouble { return g.ledger.recent() }

// trouble notes a sign of a trouble, and warns of it unless that was done within the last minute.
func (g *Gossip) trouble(c cause, where, detail string) {
	loud := !c.ofWays() || g.lonely() && !g.searching.Load()
	if text, times := g.ledger.note(c, where, detail, loud); times > 0 {
		g.config.Logger.Warn("gossip failed", "reason", text, "times", times)
	}
}
