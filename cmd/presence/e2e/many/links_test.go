package many

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// peerPort is where the first node of each host takes links from others. Gossip has another one,
// and is left alone here.
const peerPort = 7947

// withFirewall gives each host rules of its own, that drop nothing yet.
func (n *network) withFirewall(t *testing.T, hosts int) {
	t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("cutting links alone needs nft, from Debian's nftables")
	}
	table := "table inet links {\n\tchain in {\n\t\ttype filter hook input priority 0\n\t}\n}\n"
	for i := range hosts {
		if out, err := n.nft(i, table, "-f", "-"); err != nil {
			t.Skipf("nft can't make rules in a namespace here: %v: %s", err, out)
		}
	}
}

func (n *network) nft(i int, input string, args ...string) ([]byte, error) {
	cmd := exec.Command("ip", append([]string{"netns", "exec", n.host(i), "nft"}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	return cmd.CombinedOutput()
}

// drop makes a host drop what comes from another one to (dport) or from (sport) a peer port. Nobody
// is told: a dial waits, a stream stalls.
func (n *network) drop(at, from int, ports ...string) {
	n.t.Helper()
	for _, port := range ports {
		rule := fmt.Sprintf("add rule inet links in ip saddr %s tcp %s %d drop", n.peer(from), port, peerPort)
		if out, err := n.nft(at, "", strings.Fields(rule)...); err != nil {
			n.t.Fatalf("nft %s: %v: %s", rule, err, out)
		}
	}
}

// shut closes a host's peer port to another host. The links that the other one made break; those
// that this one made live.
func (n *network) shut(at, from int) {
	n.t.Helper()
	n.drop(at, from, "dport")
}

// mute loses all that one host sends another one on links, made by either. What comes back arrives.
func (n *network) mute(from, to int) {
	n.t.Helper()
	n.drop(to, from, "dport", "sport")
}

// unlink breaks all links between two hosts.
func (n *network) unlink(a, b int) {
	n.t.Helper()
	n.mute(a, b)
	n.mute(b, a)
}

// mend ends all that was dropped.
func (n *network) mend(hosts int) {
	n.t.Helper()
	for i := range hosts {
		if out, err := n.nft(i, "", "flush", "chain", "inet", "links", "in"); err != nil {
			n.t.Fatalf("nft flush: %v: %s", err, out)
		}
	}
}

// breakStreams ends all links between two hosts, once: their systems reset them. Nothing keeps the
// nodes from making new ones.
func (n *network) breakStreams(a, b int) {
	n.t.Helper()
	n.ss(a, b, "-K")
	n.ss(b, a, "-K")
}

// streams is how many links there are between two hosts.
func (n *network) streams(a, b int) int {
	n.t.Helper()
	return strings.Count(n.ss(a, b, "-Ht", "state", "established"), "\n")
}

// ss is what a host's own tool says of its streams with another one that are links.
func (n *network) ss(at, with int, args ...string) string {
	n.t.Helper()
	filter := fmt.Sprintf("dst %s and ( sport = :%d or dport = :%d )", n.peer(with), peerPort, peerPort)
	args = append(append([]string{"netns", "exec", n.host(at), "ss"}, args...), strings.Fields(filter)...)
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
