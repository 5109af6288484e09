package contest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/target"
)

// Device is the device of a participant who has only one, of 12 bytes.
const Device = "device-00001"

// Viewers are an audience of Presence, on WebSockets.
type Viewers struct {
	*Audience
	watched []string
	bytes   atomic.Int64 // of the messages, with the heads of their frames
	end     func()
	staying sync.WaitGroup
}

// Watch connects viewers, each of whom watches ids, and waits for all their snapshots.
func Watch(ctx context.Context, c *target.Cluster, size int, ids []string) (*Viewers, error) {
	v := &Viewers{Audience: NewAudience(size), watched: ids}
	ctx, v.end = context.WithCancel(ctx)
	records := load.NewRecorder()
	_, err := v.Round(ctx, len(ids), func() error {
		for i := range size {
			one := &load.Visitor{
				Cluster: c, Records: records, Token: load.ID("viewer", i), More: load.Subscribe(ids),
				Shown: v.see,
			}
			v.staying.Go(func() { one.Stay(ctx, time.Now()) })
		}
		return nil
	})
	if err != nil {
		v.Close()
		return nil, fmt.Errorf("%d viewers: %w", size, err)
	}
	return v, nil
}

// What a state looks like in an answer or a message.
var (
	OnlineMark            = []byte(`:"online"`)
	idleMark, offlineMark = []byte(`:"idle"`), []byte(`:"offline"`)
)

// see counts the states in a message.
func (v *Viewers) see(m []byte) {
	v.bytes.Add(int64(len(m) + frameHead))
	v.Hear(bytes.Count(m, OnlineMark) + bytes.Count(m, idleMark) + bytes.Count(m, offlineMark))
}

// frameHead is how many bytes a frame of up to 125 bytes has before its text.
const frameHead = 2

// Bytes is what a viewer was sent for a change, with the head of its frame.
func (v *Viewers) Bytes() float64 { return float64(v.bytes.Load()) / float64(v.heard.Load()) }

// Close disconnects all.
func (v *Viewers) Close() {
	v.end()
	v.staying.Wait()
}

// Flip makes all watched participants idle in even rounds and online in odd ones.
func (v *Viewers) Flip(ctx context.Context, api *load.API, round int) error {
	return api.Beat(ctx, load.BeatBody(v.watched, Device, [...]string{"idle", "online"}[round%2]), len(v.watched))
}
