package presence_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/auth"
)

// server is the address of a node, which the examples talk to.
var server string

func TestMain(m *testing.M) {
	stop, err := startNode()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// startNode starts a node in this process.
func startNode() (stop func(), err error) {
	node, err := cluster.New(cluster.Config{NodeID: "n1", Partitions: 16, Settings: cluster.DefaultSettings()})
	if err != nil {
		return nil, err
	}
	entrance, err := gateway.New(gateway.Config{
		Cluster: node, Auth: auth.Insecure(), Limits: gateway.DefaultLimits(), Insecure: true,
	})
	if err != nil {
		return nil, err
	}
	node.SetSink(entrance)
	node.Start()
	public := httptest.NewServer(entrance.Handler())
	server = public.URL
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		entrance.Drain(ctx)
		entrance.Close()
		public.Close()
		_ = node.Close()
		http.DefaultClient.CloseIdleConnections()
	}, nil
}
