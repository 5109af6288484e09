package handoff

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

var update = flag.Bool("update", false, "write the transcripts in testdata anew; look at the diff")

// TestTranscripts plays the stories in testdata/*.txt. A line that begins with "> " is something
// that happens at a node; what follows is what is done about it. With -update that is written anew.
//
//	> n1 n2 see n1 n2 n3!: 0 n2/n3     a view: the members, ! is left out, ? joins;
//	                                   and the owners and backups of partitions
//	> n1 has 0 serving                 or held, absent, copy of n2, stale copy of n2; lapsed held: from a disk
//	> n1 is formed                     or starting, begun, doubting; astray: it was among others, and doubts;
//	                                   ripe: it has formed long ago; old: its disk is
//	> n1 plans                         and does what needs no other node
//	> n1 asks                          all others, and plans; "n1 asks, but n2": that one is silent
//	> n1 pushes 0                      to the owner, who plans
//	> n1 fills 0                       the backup that it has assigned; "n1 sends 0" is one record
//	> n1 stops                         and goes on after a while
//
// Each partition of a node is as the real one by what is done about it: see type toy.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

// play returns a transcript with fresh answers. A heading ("## ") begins with fresh nodes.
func play(t *testing.T, transcript string) string {
	var b strings.Builder
	s := newTheatre(t)
	for line := range strings.Lines(transcript) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "> "):
			s.said = &b
			b.WriteString(line + "\n")
			s.do(line[2:])
		case strings.HasPrefix(line, "  "):
		default:
			if strings.HasPrefix(line, "## ") {
				s = newTheatre(t)
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// theatre is some nodes.
type theatre struct {
	t    *testing.T
	toys map[string]*toy
	said *strings.Builder
}

func newTheatre(t *testing.T) *theatre { return &theatre{t: t, toys: make(map[string]*toy)} }

// toy is a node: its book, and partitions that have roles and nothing in them.
type toy struct {
	*book
	sees  string
	parts map[int]*toyPart
}

type toyPart struct {
	role   host.Role
	source uint64
	stale  bool
	lapsed bool
	backup link.Name
}

const toyPartitions = 4

func nameOf(id string) link.Name { return link.Name{ID: id, Boot: "1"} }

func (s *theatre) toy(id string) *toy {
	if s.toys[id] == nil {
		s.toys[id] = &toy{book: newBook(nameOf(id), toyPartitions), parts: make(map[int]*toyPart)}
	}
	return s.toys[id]
}

func (y *toy) part(p int) *toyPart {
	if y.parts[p] == nil {
		y.parts[p] = &toyPart{}
	}
	return y.parts[p]
}

func (y *toy) holding(p int) holding {
	part := y.part(p)
	return holding{part.role, part.source, part.role == host.Copy && !part.stale, part.lapsed}
}

func (s *theatre) say(format string, args ...any) { fmt.Fprintf(s.said, "  "+format+"\n", args...) }

func (s *theatre) do(line string) {
	words := strings.Fields(strings.ReplaceAll(line, ",", ""))
	if before, after, ok := strings.Cut(line, " see "); ok {
		for _, id := range strings.Fields(before) {
			s.toy(id).look(after)
		}
		return
	}
	y := s.toy(words[0])
	switch words[1] {
	case "sees":
		y.look(strings.Join(words[2:], " "))
	case "has":
		y.set(s.number(words[2]), words[3:])
	case "is":
		y.knew = words[2] == "astray"
		y.unmet = y.knew || words[2] == "doubting"
		y.doubting = y.unmet
		y.ripe, y.old = words[2] == "ripe", words[2] == "old"
		y.stage = map[string]stage{"ripe": formed, "formed": formed, "begun": begun}[words[2]]
	case "plans":
		s.planAll(y)
	case "asks":
		s.ask(y, words[2:])
	case "pushes":
		s.push(y, s.number(words[2]))
	case "fills", "sends":
		s.ship(y, s.number(words[2]), words[1] == "fills")
	case "stops":
		y.enter(y.ring, y.stood+1)
		for _, part := range y.parts {
			if part.stale = part.stale || part.role == host.Copy; part.role == host.Serving {
				part.role = host.Held
			}
		}
	default:
		s.t.Fatalf("%q: nothing happens so", line)
	}
}

func (s *theatre) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (y *toy) set(p int, words []string) {
	part := &toyPart{stale: words[0] == "stale", lapsed: words[0] == "lapsed"}
	if part.stale || part.lapsed {
		words = words[1:]
	}
	part.role = map[string]host.Role{"serving": host.Serving, "held": host.Held, "copy": host.Copy}[words[0]]
	if len(words) > 2 {
		part.source = view.SourceOf(nameOf(words[2]))
	}
	y.parts[p] = part
}

func (y *toy) look(words string) {
	y.sees = words
	y.enter(newRing(words), y.stood)
}

func (s *theatre) planAll(y *toy) {
	y.askAgain()
	for p := range toyPartitions {
		s.carryOut(y, y.plan(p, y.holding(p)))
	}
}

func (s *theatre) carryOut(y *toy, todo []action) {
	for _, a := range todo {
		part := y.part(a.partition)
		missing := ""
		if part.stale && a.do <= warm {
			missing = ", and something is missing"
		}
		s.say("%s: %v%s", y.self.ID, a, missing)
		switch a.do {
		case serve, doubt, distrust, warm:
			part.role, part.stale, part.lapsed = host.Serving, part.stale || a.do == warm, false
			y.began(a.partition)
		case miss:
			part.stale = true
		case assign:
			part.backup, y.backed[a.partition] = a.peer, true
		case hold:
			if y.missed[a.partition] = struct{}{}; part.role == host.Serving {
				part.role = host.Held
			}
		case leave:
			part.stale = true
			y.left[a.partition] = leaving{part.source, a.peer}
		}
	}
}

func (s *theatre) ask(y *toy, but []string) {
	y.askAgain()
	for _, name := range y.ring.Others(y.self) {
		a := s.answer(name.ID, y)
		if len(but) > 1 && but[1] == name.ID {
			a = silent(y.ring, name)
			s.say("%s is silent", name.ID)
		}
		if y.learn(a) {
			s.say("what %s has is outdated", y.self.ID)
			for _, part := range y.parts {
				part.role, part.stale = host.Held, true
			}
		}
		if y.old && y.ripe {
			s.say("what %s had on its disk is dropped", y.self.ID)
			y.dropOld()
		}
		y.answered(name, a)
	}
	y.asked, y.old = true, false
	wanted := false
	for p := range toyPartitions {
		s.carryOut(y, y.plan(p, y.holding(p)))
		owner, _ := y.ring.Owner(p)
		wanted = wanted || owner == y.self && y.part(p).role != host.Serving
	}
	if !wanted {
		before := y.stage
		if trusted := y.over(false); trusted != nil {
			s.say("%s trusts what it has of %v", y.self.ID, trusted)
		}
		if y.stage != before {
			s.say("%s: %s", y.self.ID, [...]string{"starting", "begun", "formed"}[y.stage])
		}
	}
}

func (y *toy) dropOld() {
	y.old = false
	for _, part := range y.parts {
		if part.lapsed {
			*part = toyPart{}
		}
	}
}

func (s *theatre) answer(id string, asker *toy) (a answer) {
	y := s.toy(id)
	if y.sees != asker.sees {
		s.say("%s sees other members", id)
		return a
	}
	a = answer{came: true, same: true, stage: y.stage, ripe: y.ripe}
	for p := range toyPartitions {
		if y.holds(p, asker.self, y.holding(p)) {
			a.held = append(a.held, p)
		}
	}
	if a.held != nil {
		s.say("%s holds %v", id, a.held)
	}
	return a
}

func (s *theatre) push(y *toy, p int) {
	owner, _ := y.ring.Owner(p)
	to, part := s.toy(owner.ID), y.part(p)
	served := part.role == host.Serving
	whole := part.role != host.Absent && !part.stale
	claim := claimOf(whole && !y.outdated(part.lapsed), y.left[p].next == owner)
	part.role = host.Held
	if why := to.refuses(y, p); why != "" {
		s.say("%s refuses: %s", owner.ID, why)
		if served {
			part.role = host.Serving
		}
		return
	}
	whole = to.isWhole(p, y.self, claim, to.holding(p))
	missing := map[bool]string{true: "nothing is missing", false: "something may be missing"}
	s.say("%s takes %d: %s", owner.ID, p, missing[whole])
	there := to.part(p)
	if there.role == host.Copy && there.source == view.SourceOf(y.self) {
		there.role = host.Absent
	}
	there.lapsed = there.lapsed && !whole
	if there.role != host.Serving {
		there.role, there.stale = host.Held, !whole && (there.role == host.Absent || there.stale)
	}
	to.came(p, y.self)
	if y.gave(p); part.role == host.Held {
		part.role, part.source, part.stale = host.Copy, view.SourceOf(owner), true
	}
	s.carryOut(to, to.plan(p, to.holding(p)))
}

// refuses is why a node takes no push, or nothing.
func (y *toy) refuses(from *toy, p int) string {
	switch {
	case y.sees != from.sees:
		return "it sees other members"
	case y.undecided(y.part(p).lapsed):
		return "its disk is old, and it has not asked yet"
	default:
		return ""
	}
}

func (s *theatre) ship(y *toy, p int, fills bool) {
	to := s.toy(y.part(p).backup.ID)
	taken := to.takes(p, y.self, to.holding(p))
	s.say("%s %s", to.self.ID, map[bool]string{true: "takes it", false: "refuses it"}[taken])
	if taken && fills {
		*to.part(p) = toyPart{role: host.Copy, source: view.SourceOf(y.self), stale: y.part(p).stale}
		to.filled(p)
	}
}

// toyRing is a view that is written down.
type toyRing struct {
	names        []link.Name
	out, joining map[link.Name]bool
	owners       map[int][2]link.Name // and backups
}

func newRing(words string) *toyRing {
	members, table, _ := strings.Cut(words, ":")
	r := &toyRing{out: make(map[link.Name]bool), joining: make(map[link.Name]bool), owners: make(map[int][2]link.Name)}
	for _, id := range strings.Fields(members) {
		name := nameOf(strings.Trim(id, "!?"))
		r.names = append(r.names, name)
		r.out[name], r.joining[name] = strings.HasSuffix(id, "!"), strings.HasSuffix(id, "?")
	}
	fields := strings.Fields(strings.ReplaceAll(table, ",", " "))
	for i := 0; i+1 < len(fields); i += 2 {
		p, _ := strconv.Atoi(fields[i])
		owner, backup, ok := strings.Cut(fields[i+1], "/")
		r.owners[p] = [2]link.Name{nameOf(owner)}
		if ok {
			r.owners[p] = [2]link.Name{nameOf(owner), nameOf(backup)}
		}
	}
	return r
}

func (r *toyRing) Owner(p int) (link.Name, bool) {
	pair, ok := r.owners[p]
	return pair[0], ok
}

func (r *toyRing) Backup(p int) (link.Name, bool) {
	return r.owners[p][1], r.owners[p][1] != link.Name{}
}

func (r *toyRing) Others(self link.Name) (others []link.Name) {
	for _, name := range r.names {
		if name != self {
			others = append(others, name)
		}
	}
	return others
}

func (r *toyRing) IsThere(source uint64) bool {
	for _, name := range r.names {
		if view.SourceOf(name) == source {
			return !r.out[name]
		}
	}
	return false
}

func (r *toyRing) IsOut(name link.Name) bool     { return r.out[name] }
func (r *toyRing) IsJoining(name link.Name) bool { return r.joining[name] }
