#!/usr/bin/env bash
# github.com/hashicorp/memberlist v0.7.0, as DefaultLANConfig sets it: on a network that loses nothing, a change of a
# node's metadata (UpdateNode) does not reach every member by gossip. Of five members one misses it now and then, and
# stays with the old metadata until the next exchange of all state, 30 s apart by default.
#
# Why: RetransmitMult is 4, and the limit of transmissions is RetransmitMult * ceil(log10(members + 1)), so 4 for up to
# 9 members. Each message to one node counts as one, and GossipNodes is 3: the source and each member that has heard
# send 4 messages in two rounds, to nodes drawn anew in each round. All of them miss a certain one of four others by
# chance (3/16 each), and members that have gone count as receivers for half a minute, too.
#
# Seen on 2026-11-27 with Go 1.26.8, linux/amd64: 2,400 changes among five members on loopback, push/pull off, 40
# rounds of gossip each:
#
#	RetransmitMult=4: 11 of 2400 changes were missed by a member
#	RetransmitMult=8: 0 of 2400 changes were missed by a member
#
# What follows for us: cluster/gossip sets 8, and two nodes that answer each other under different keys for half a
# second exchange all state over a stream (Gossip.Introduce; a story of gateway/sim shuts UDP altogether).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
go mod init finding >/dev/null 2>&1
go get github.com/hashicorp/memberlist@v0.7.0 >/dev/null 2>&1
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

type meta struct{ v atomic.Value }

func (m *meta) NodeMeta(int) []byte             { return []byte(m.v.Load().(string)) }
func (*meta) NotifyMsg([]byte)                  {}
func (*meta) GetBroadcasts(int, int) [][]byte   { return nil }
func (*meta) LocalState(bool) []byte            { return nil }
func (*meta) MergeRemoteState([]byte, bool)     {}

const members, clusters, changes = 5, 40, 60

// missed plays changes in one cluster, and counts those that some member has not heard of after 40 rounds of gossip.
func missed(mult int) (n int) {
	var lists []*memberlist.Memberlist
	m := &meta{}
	m.v.Store("0")
	for i := range members {
		c := memberlist.DefaultLANConfig()
		c.Name = fmt.Sprintf("m%d", i)
		c.BindAddr, c.BindPort, c.AdvertisePort = "127.0.0.1", 0, 0
		c.RetransmitMult = mult
		c.GossipInterval = 10 * time.Millisecond
		c.PushPullInterval = 0
		c.LogOutput = io.Discard
		if i == 0 {
			c.Delegate = m
		}
		l, err := memberlist.Create(c)
		if err != nil {
			panic(err)
		}
		defer l.Shutdown()
		if i > 0 {
			if _, err := l.Join([]string{lists[0].LocalNode().Address()}); err != nil {
				panic(err)
			}
		}
		lists = append(lists, l)
	}
	time.Sleep(time.Second)
	for k := range changes {
		want := fmt.Sprint(k + 1)
		m.v.Store(want)
		_ = lists[0].UpdateNode(100 * time.Millisecond) // an error says only that it isn't on its way to all yet
		time.Sleep(400 * time.Millisecond)
		heard := 0
		for _, l := range lists {
			for _, node := range l.Members() {
				if node.Name == "m0" && string(node.Meta) == want {
					heard++
				}
			}
		}
		if heard < members {
			n++
		}
	}
	return n
}

func main() {
	count := func(mult int) int {
		var sum atomic.Int64
		var all sync.WaitGroup
		for range clusters {
			all.Go(func() { sum.Add(int64(missed(mult))) })
		}
		all.Wait()
		fmt.Printf("RetransmitMult=%d: %d of %d changes were missed by a member\n", mult, sum.Load(), clusters*changes)
		return int(sum.Load())
	}
	by4, by8 := count(4), count(8)
	if by4 == 0 || by8*5 > by4 {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run .
