package sim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a plausible bug: in a file, one text in place of another.
type mutant struct{ name, file, text, instead string }

var mutants = []mutant{
	{"an announcement revives a signed-out device", "shard/beat.go", "case dev.status == signedOut && a.Session <= dev.session():\n		return Ref{}, false, Gone\n	case a.Session < dev.session():", "case dev.status != signedOut && a.Session < dev.session():"},
	{"a promotion keeps old deadlines", "shard/mirror.go", "	case live:\n		p.pulse(d).deadline = now.after(p.settings.Deadline)\n", ""},
	{"a merge takes the older override", "shard/facts.go", "if version > f.overrideVersion ||", "if version < f.overrideVersion || f.overrideVersion == 0 ||"},
	{"a watcher is enrolled after the snapshot", "shard/host/read.go", "		h.addInterest(id, n, k.ID)\n	}\n	return s\n}\n", "		go func() {\n			time.Sleep(time.Millisecond)\n			defer h.lock(n).Unlock()\n			h.addInterest(id, n, k.ID)\n		}()\n	}\n	return s\n}\n"},
	{"an offline event from a warming partition", "shard/doubt.go", "	case !c.Left:\n", "	case !c.Left && c.Pair:\n"},
	{"a window isn't replicated", "shard/mirror.go", "		p.notedWindows = codec.AppendText(", "		_ = appendName("},
	{"the heal loop is switched off", "cluster/gossip/heal.go", "next.Reset(healEvery + rand.N(healEvery))\n		}", "next.Reset(healEvery + rand.N(healEvery))\n			continue\n		}"},
	{"flips are not counted", "shard/beat.go", "max(dev.flips, dev.flips+1)", "min(dev.flips, dev.flips+1)"},
	{"the latest device counts, not the most awake", "shard/look.go", "inner = max(inner, Idle+State(p.device(d).said.activity()))", "inner = Idle + State(p.device(d).said.activity())"},
	{"a reload makes an event", "shard/leave.go", "p.lingerUntil(d, now.after(p.settings.Linger))", "p.lingerUntil(d, now+1)"},
	{"a heartbeat counts for two deadlines", "shard/beat.go", "	d.deadline = now.after(m.settings.Deadline)\n	return Done", "	d.deadline = now.after(2 * m.settings.Deadline)\n	return Done"},
	{"who hides in a lost partition is shown", "shard/doubt.go", "if !p.lacks() || p.hasPicked(k) {", "if !p.lacks() || !p.hasPicked(k) {"},
	{"a stop isn't noticed", "shard/host/timeline.go", "if passed-last > maxGap {", "if passed-last > 1000*maxGap {"},
	{"copies answer after a stop", "shard/host/gap.go", "		h.lack(i, Copy)\n", ""},
	{"watchers are not told that a partition has moved", "shard/host/tenancy.go", "		h.tellMoved(partition)\n		h.tenancies[partition].interest = nil", "		h.tenancies[partition].interest = nil"},
	{"a view of a copy is taken for the owner's", "cluster/watch/interest.go", "		case host.Copied:\n			f.renew(p)\n", "		case host.Copied:\n"},
	{"what has a new owner isn't watched there", "cluster/watch/renew.go", "(now != before ||", "len(f.epochs) == 0 && (now != before ||"},
	{"acknowledged without the backup", "cluster/replica/wait.go", "	case p.onDisk() || !fact && p.inMemory():", "	case len(m.parts) > 0:"},
	{"served before what others hold has come", "cluster/handoff/plan.go", "h.role == host.Serving && !b.again, len(b.listed[partition]) > 0:", "h.role == host.Serving && !b.again:"},
	{"pushes are taken and thrown away", "cluster/handoff/take.go", "taken = s.take(i, from, partition, snapshot, claim)", "taken = len(snapshot) > 0 && claim < 9"},
	{"a former backup goes on answering", "cluster/handoff/copies.go", "s.Host.Stale(a.partition)", "_ = source"},
	{"the close of an older socket counts", "shard/leave.go", "	case session < dev.session():\n		return who, d, Replaced\n	default:", "	default:"},
	{"who isn't known in a lost partition is offline", "shard/state.go", "if s == Offline || !known {", "if s != Offline && !known {"},
	{"what a partition may not know is shown", "shard/doubt.go", "		l.doubt(p.knowsSelf(k, who), p.knowsLook(k, who))\n", ""},
	{"an attachment outlives its socket", "gateway/socket/conn.go", "		c.srv.cfg.Node.Forget(c.at)\n", ""},
	{"a tenant leaks through a direct message", "gateway/people/people.go", "A: string(a), B: string(b)", "A: a.ID(), B: b.ID()"},
	{"an older view replaces a newer one", "gateway/hub/topic.go", "t.known && view.Order < t.view.Order", "t.known && view.Order > t.view.Order"},
	{"a node without links stays on the ring", "cluster/view/ring.go", "		if len(worst) == 0 {", "		if len(worst) >= 0 {"},
	{"nothing goes through a third node", "cluster/call/relay.go", "		if m.Name == c.self || m.Name == to ||", "		if m.Name != to || m.Name == to ||"},
	{"who has found nobody takes itself for all", "cluster/handoff/steward.go", "return s.book.unmet && time.Since(s.since) < waitForOthers }", "return s.book.unmet && time.Since(s.since) > waitForOthers }"},
	{"what was left behind for the next owner is taken for partial", "cluster/handoff/push.go", "			left = b.left[p].next == owner\n", ""},
	{"who is left out serves on", "cluster/handoff/plan.go", "	if b.ring.IsOut(b.self) {", "	if b.ring.IsOut(b.self) && partition < 0 {"},
	{"a silent owner isn't looked at", "cluster/watch/renew.go", "		if events(v, p.Name()) == nil {", "		if events(v, p.Name()) == nil && len(silent) < 0 {"},
	{"the first to begin takes the cluster for formed", "cluster/handoff/formed.go", "case b.round.formed, alone && !isGateway:", "case b.round.formed, !alone, !isGateway:"},
	{"clients of who is left out are not told", "cluster/reach.go", "		r.sink.Displaced()\n", ""},
	{"an exception that begins isn't told", "shard/host/publish.go", "		gateways.each(func(to SinkID) { h.sinks.get(to).putWord(id, w) })\n", "		_ = w\n"},
	{"the exception of a second viewer isn't asked for", "gateway/hub/watch.go", "		if questions[i].ID = id; v.needsWord(id) {", "		if questions[i].ID = id; v.needsWord(id) && len(topics[i].watchers) == 1 {"},
	{"exceptions are not asked for again", "cluster/watch/again.go", "		viewers := f.sink.Viewers(id)\n", "		viewers := f.sink.Viewers(id)[:0]\n"},
	{"a page that doesn't run stays online", "gateway/socket/conn.go", "		c.rest(now)\n		return\n", ""},
	{"a page that rests is announced as online", "cluster/beat.go", "		at.activity.Store(uint32(shard.ActivityIdle)) // with which it is announced again\n", ""},
	{"what was known before an erasure is taken in again", "shard/erasure.go", "	if len(p.erased) == 0 {\n		return in\n	}\n	v := p.erasedUntil(k)", "	if len(p.erased) >= 0 {\n		return in\n	}\n	v := p.erasedUntil(k)"},
	{"others' windows outlive an erasure", "cluster/ask/erase.go", "	return a.strike(ctx, shard.Erasures{erase.Erasure})", "	return a.strike(ctx, shard.Erasures{erase.Erasure}[:0])"},
	{"one node speaks for all", "cluster/view/view.go", "i == 0 || m.Speaks.Highest < lowest {", "i == 0 || m.Speaks.Highest > lowest {"},
	{"a node tells a wrong lowest protocol", "cluster/protocol/terms.go", "Sprintf(\"%d %s\", t.Lowest, t.Words)", "Sprintf(\"%d %s\", t.Highest, t.Words)"},
	{"a node tells a wrong highest protocol", "cluster/gossip/new.go", "= g.config.Terms.Beyond()", "= 0"},
	{"an edge isn't replicated", "shard/edge.go", "	p.noteCell(who, in.hash)\n", ""},
	{"a merge loses a block", "shard/extras.go", "	for _, b := range in.blocks {\n		p.mergeBlock(", "	for _, b := range in.blocks[:0] {\n		p.mergeBlock("},
	{"what a newer version has said is lost on its way", "shard/extras.go", "	return p.appendOpaque(p.appendAllSaid(b))\n", "	return p.appendAllSaid(b)\n"},
	{"an edge that was copied has no end", "shard/edge.go", "	p.await(who, in.next(p))\n", "	if !p.copy {\n		p.await(who, in.next(p))\n	}\n"},
	{"an answer outlives forget", "gateway/authorize/ask.go", "		c.kept.drop(viewer)\n", ""},
	{"forget is told to no other node", "cluster/forget.go", "name := members[i].Name; name != n.name {", "name := members[i].Name; name == n.name {"},
	{"a word beside an unknown view counts", "cluster/watch/again.go", "s.View.Public != shard.Unknown || trust == shard.Denied", "trust <= shard.Denied"},
	{"a node that was among others trusts its disk", "cluster/join.go", "n.steward.MetNobody(n.expect.known)", "n.steward.MetNobody(false)"},
	{"a copy doesn't know when a status ends", "shard/speak.go", "	p.speak(who, func() { p.store(now, who, in) })\n	p.forgetEmpty(who)", "	if p.copy && in.kind == saidStatus {\n		in.until = 0\n	}\n	p.speak(who, func() { p.store(now, who, in) })\n	p.forgetEmpty(who)"},
	{"a status unfreezes for strangers", "shard/stood.go", "		return stood, latest\n", "		return latest, latest\n"},
	{"a claim survives its end", "shard/over.go", "		p.countClaims(who)\n	})\n	p.forgetEmpty(who)", "	})\n	p.forgetEmpty(who)"},
	{"an end is told to no copy", "shard/over.go", "	p.noteSaid(who, s.kind, source)\n	if stood {", "	_ = source\n	if stood {"},
	{"a status is told again with each change", "gateway/hub/news.go", "	if d.sent == unsaid || sameStatus(d.sent, d.want) {", "	if d.sent == unsaid {"},
	{"what is put back is told all the same", "gateway/hub/viewer.go", "	if s.sent != s.want {\n		s.sent, c.Parts", "	{\n		s.sent, c.Parts"},
}

// source is the file of a bug as it is in a module, where its text must be there once.
func (m mutant) source(t *testing.T, dir string) string {
	t.Helper()
	whole, err := os.ReadFile(filepath.Join(dir, m.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(whole), m.text); n != 1 {
		t.Fatalf("%s: the text is there %d times in %s: %q", m.name, n, m.file, m.text)
	}
	return string(whole)
}

// TestMutantsCanBePlanted: make mutants takes hours, and a text that was reworded would be found
// only then.
func TestMutantsCanBePlanted(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) { m.source(t, "../..") })
	}
}
