package many

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// network is three hosts of our own on one machine: a namespace each, a switch between them in a
// fourth, and a line from each host to the test. The addresses are those that are reserved for
// documentation, and exist in these namespaces only.
//
//	test ── 198.18.x.y ── host i ── 203.0.113.i ── switch
//
// The lines are seen by everybody on this machine, so that each network takes some of
// 198.18.0.0/15, which is reserved for measurements, at random. The name says which process a
// network belongs to; one whose process has gone, because it was killed, is removed.
type network struct {
	t     *testing.T
	name  string
	lines netip.Prefix // 16 addresses, 4 a line
}

var (
	networks atomic.Int32
	sweep    sync.Once
)

var ofProcess = regexp.MustCompile(`^pmany(\d+)[a-z](s|h\d)$`)

// sweepNetworks removes what a killed run has left. Its nodes ended with it.
func sweepNetworks() {
	all, _ := os.ReadDir("/run/netns")
	for _, e := range all {
		found := ofProcess.FindStringSubmatch(e.Name())
		if found == nil {
			continue
		}
		pid, _ := strconv.Atoi(found[1])
		if pid == os.Getpid() || syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = exec.Command("ip", "netns", "del", e.Name()).Run()
		}
	}
}

// freeLines picks addresses that no interface here has.
func freeLines(t *testing.T) netip.Prefix {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for {
		r := rand.IntN(1 << 17)
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, byte(18 + r>>16), byte(r >> 8), byte(r) &^ 15}), 28)
		if !slices.ContainsFunc(all, func(a net.Addr) bool {
			used, err := netip.ParsePrefix(a.String())
			return err == nil && used.Overlaps(p)
		}) {
			return p
		}
	}
}

func newNetwork(t *testing.T, hosts int) *network {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need ip, from Debian's iproute2")
	}
	sweep.Do(sweepNetworks)
	n := &network{t: t, name: fmt.Sprintf("pmany%d%c", os.Getpid(), 'a'+networks.Add(1)), lines: freeLines(t)}
	if out, err := exec.Command("ip", "netns", "add", n.name+"s").CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		for i := range hosts {
			_ = exec.Command("ip", "netns", "del", n.host(i)).Run()
		}
		_ = exec.Command("ip", "netns", "del", n.name+"s").Run()
	})
	n.run("netns exec SWITCH ip link add br0 type bridge", 0)
	n.run("netns exec SWITCH ip link set br0 up", 0)
	for i := range hosts {
		for _, step := range []string{
			"netns add HOST",
			"netns exec HOST ip link set lo up",
			"link add PORT netns SWITCH type veth peer name eth0 netns HOST",
			"netns exec SWITCH ip link set PORT master br0 up",
			"netns exec HOST ip addr add PEER/24 dev eth0",
			"netns exec HOST ip link set eth0 up",
			"link add LINE type veth peer name eth1 netns HOST",
			"addr add NEAR/30 dev LINE",
			"link set LINE up",
			"netns exec HOST ip addr add FAR/30 dev eth1",
			"netns exec HOST ip link set eth1 up",
		} {
			n.run(step, i)
		}
	}
	return n
}

func (n *network) host(i int) string { return fmt.Sprintf("%sh%d", n.name, i) }
func (n *network) peer(i int) string { return fmt.Sprintf("203.0.113.%d", i+1) }
func (n *network) near(i int) string { return n.line(4*i + 1) }
func (n *network) far(i int) string  { return n.line(4*i + 2) }

func (n *network) line(at int) string {
	b := n.lines.Addr().As4()
	b[3] += byte(at)
	return netip.AddrFrom4(b).String()
}

// run is one command of ip.
func (n *network) run(step string, i int) {
	n.t.Helper()
	step = strings.NewReplacer(
		"HOST", n.host(i), "SWITCH", n.name+"s", "PORT", fmt.Sprintf("p%d", i), "LINE", fmt.Sprintf("%sl%d", n.name, i),
		"PEER", n.peer(i), "NEAR", n.near(i), "FAR", n.far(i),
	).Replace(step)
	if out, err := exec.Command("ip", strings.Fields(step)...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %s: %v: %s", step, err, out)
	}
}

// cut takes a host off the switch, or puts it back.
func (n *network) cut(i int, off bool) {
	n.t.Helper()
	state := "up"
	if off {
		state = "down"
	}
	n.run("netns exec SWITCH ip link set PORT "+state, i)
}

// hosted starts a node on each host, with certificates and keys, as one would beyond loopback.
func hosted(t *testing.T, n *network, hosts int) *fleet {
	t.Helper()
	return hostedWith(t, n, credentials(t, hostIDs(hosts)...), hosts, func(int) []string { return timings() })
}

// hostIDs are the names of the nodes on the first hosts.
func hostIDs(hosts int) (ids []string) {
	for i := range hosts {
		ids = append(ids, fmt.Sprintf("n%d", i+1))
	}
	return ids
}

// hostedWith starts a node on each host, with the credentials in dir, and more flags for each.
func hostedWith(t *testing.T, n *network, dir string, hosts int, more func(i int) []string) *fleet {
	t.Helper()
	f := &fleet{t: t}
	for i := range hosts {
		f.seeds = append(f.seeds, n.peer(i)+":7946")
	}
	t.Cleanup(f.end)
	for i, id := range hostIDs(hosts) {
		f.take(n.node(i, id, dir, 0, more(i)...))
	}
	f.agree(hosts)
	return f
}

// node is one on a host, with the credentials in dir. Several on one host have different offsets to
// their ports.
func (n *network) node(i int, id, dir string, offset int, more ...string) *node {
	at := func(host string, port int) string { return fmt.Sprintf("%s:%d", host, port+offset) }
	nd := &node{id: id, addr: at(n.far(i), 8080), admin: at(n.far(i), 8081), netns: n.host(i)}
	nd.flags = append([]string{
		"--node-id=" + id, "--listen=" + nd.addr, "--admin-listen=" + nd.admin, "--allow-insecure",
		"--peer-listen=" + at(n.peer(i), 7947), "--gossip-listen=" + at(n.peer(i), 7946), "--join-wait=3s",
		"--peer-tls-cert=" + filepath.Join(dir, id+".crt"), "--peer-tls-key=" + filepath.Join(dir, id+".key"),
		"--peer-tls-ca=" + filepath.Join(dir, "ca.crt"), "--gossip-key-file=" + filepath.Join(dir, "gossip.keys"),
		"--participant-rate=100000", "--participant-ids-rate=1000000", "--connection-rate=100000",
	}, more...)
	return nd
}

// TestNetworkPartition cuts one of three nodes off. Each side takes overrides; after the heal every
// node has all of them, of two for one participant the newer.
func TestNetworkPartition(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 3)
	f, k := hosted(t, n, 3), newControl(t)
	cutFor := duration("PRESENCE_CUT", 10*time.Second)
	want := make(map[string]string)
	for i := range 40 {
		id := fmt.Sprintf("before-%d", i)
		override(t, f.nodes[i%3], id, "busy")
		want[id] = "busy"
	}
	n.cut(2, true)
	start := time.Now()
	waitUntil(t, "both sides have noticed",
		func() bool { return f.nodes[0].members() == 2 && f.nodes[2].members() == 1 })
	t.Logf("noticed after %v", time.Since(start).Round(time.Millisecond))
	for i := range 40 {
		left, right, both := fmt.Sprintf("left-%d", i), fmt.Sprintf("right-%d", i), fmt.Sprintf("both-%d", i)
		override(t, f.nodes[i%2], left, "busy")
		override(t, f.nodes[2], right, "appear_offline")
		want[left], want[right], want[both] = "busy", "appear_offline", "appear_offline"
		first, second := f.nodes[0], f.nodes[2]
		if i%2 == 0 {
			first, second = second, first
		}
		override(t, first, both, "busy")
		// two sides that don't hear each other have only their clocks, which count milliseconds
		time.Sleep(5 * time.Millisecond)
		override(t, second, both, "appear_offline")
	}
	time.Sleep(time.Until(start.Add(cutFor)))
	n.cut(2, false)
	k.begin()
	k.within(t, fmt.Sprintf("cut for %v: from the heal until they agree", cutFor), f.agree(3), 15*time.Second)
	for id, o := range want {
		for _, nd := range f.nodes {
			wantOverride(t, nd, id, o)
		}
	}
}

// TestReadsBehindACut: a link that stays open but carries nothing is no reason to know nothing.
func TestReadsBehindACut(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 3)
	f := hosted(t, n, 3)
	c := newCrowd(t, f, interval)
	f.nodes[2].still.Store(true) // clients of the part that was cut off go elsewhere
	c.begin()
	n.cut(2, true)
	waitUntil(t, "the others have noticed",
		func() bool { return f.nodes[0].members() == 2 && f.nodes[1].members() == 2 })
	time.Sleep(time.Second)
	c.report("a cut, the links open", true) // before the deadline of those whose sockets are on the other side
	c.control.within(t, "reads", c.longest, 4*time.Second)
	n.cut(2, false)
	f.nodes[2].still.Store(false)
	t.Logf("agreed %v after the heal", f.agree(3).Round(time.Millisecond))
	c.await()
}

func (nd *node) members() int {
	c, err := nd.cluster()
	if err != nil {
		return -1
	}
	return len(c.Members)
}

func waitUntil(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not after %v: %s", patience, what)
		}
	}
}
