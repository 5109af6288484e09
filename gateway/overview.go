package gateway

import (
	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/cluster"
)

// clusterReply is the answer to GET /v1/cluster.
type clusterReply struct {
	Partitions  int           `json:"partitions"`
	Fingerprint string        `json:"fingerprint"`
	Moving      int           `json:"moving"`
	Members     []memberReply `json:"members"`
	Pairs       []pairReply   `json:"pairs"`
	Owners      []int         `json:"owners"`
}

type memberReply struct {
	ID          string        `json:"id"`
	Role        string        `json:"role"`
	State       string        `json:"state"`
	Partitions  int           `json:"partitions"`
	Self        bool          `json:"self"`
	Out         bool          `json:"out"`
	Answered    bool          `json:"answered"`
	Version     string        `json:"version,omitzero"`
	NotReady    string        `json:"not_ready,omitzero"`
	Remark      string        `json:"remark,omitzero"`
	SuspectedBy []string      `json:"suspected_by,omitzero"`
	Figures     *figuresReply `json:"figures,omitzero"` // nil: it did not answer in time
}

type figuresReply struct {
	Participants int   `json:"participants"`
	Devices      int   `json:"devices"`
	Sockets      int   `json:"sockets"`
	Heartbeats   int64 `json:"heartbeats"`
	Changes      int64 `json:"changes"`
}

type pairReply struct {
	Nodes [2]string     `json:"nodes"`
	Links cluster.Links `json:"links"`
	Ends  []endReply    `json:"ends,omitzero"` // nil: both say that the links work
}

type endReply struct {
	Node     string   `json:"node"`
	Answered bool     `json:"answered"`
	Missing  []string `json:"missing"`
	Unseen   bool     `json:"unseen"`
	Reported bool     `json:"reported"`
}

// getCluster is GET /v1/cluster.
func getCluster(c *call) error {
	d, figures := c.s.node.Describe(), c.s.node.Figures(c.r.Context())
	body, err := json.Marshal(clusterReply{
		Partitions: d.Partitions, Fingerprint: d.Fingerprint, Moving: d.Moving, Owners: d.Owners,
		Members: membersReply(d, figures), Pairs: pairsReply(cluster.Pairs(d, figures)),
	})
	if err != nil {
		return err
	}
	return c.json(body)
}

func membersReply(d cluster.Description, figures map[string]cluster.Figures) (all []memberReply) {
	suspected := make(map[string][]string)
	for _, m := range d.Members {
		for _, id := range figures[m.ID].Suspects {
			suspected[id] = append(suspected[id], m.ID)
		}
	}
	for _, m := range d.Members {
		r := memberReply{
			ID: m.ID, Role: m.Role, State: m.State, Partitions: m.Partitions, Self: m.Self, Out: m.Out,
			SuspectedBy: suspected[m.ID],
		}
		if f, ok := figures[m.ID]; ok {
			r.Answered, r.Version, r.NotReady, r.Remark = true, f.Version, f.NotReady, f.Remark
			r.Figures = &figuresReply{f.Participants, f.Devices, f.Sockets, f.Heartbeats, f.Changes}
		}
		all = append(all, r)
	}
	return all
}

func pairsReply(pairs []cluster.Pair) (all []pairReply) {
	for _, p := range pairs {
		r := pairReply{Nodes: [2]string{p.Ends[0].ID, p.Ends[1].ID}, Links: p.Links}
		if p.Links != cluster.LinksWork {
			for _, e := range p.Ends {
				r.Ends = append(r.Ends, endReply{e.ID, e.Answered, e.Missing, e.Unseen, e.Reported})
			}
		}
		all = append(all, r)
	}
	return all
}
