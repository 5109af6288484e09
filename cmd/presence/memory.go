package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	giveBackEvery = 15 * time.Second
	spareBytes    = 4 << 20 // so much more than a sixteenth of what lives is worth a collection
)

// giveBack returns to the system what the collector has left over, until ctx ends.
//
// Go lets dead memory grow to the size of the living, and gives back what a crowd has left over
// minutes. A collection costs milliseconds of CPU at a million participants, as the shard has few
// pointers, so it is worth one whenever there is something to have: a million participants of 81
// bytes each leave at most 9 MB, where a quarter was 28 MB.
func giveBack(ctx context.Context) {
	t := time.NewTicker(giveBackEvery)
	defer t.Stop()
	var stays uint64 // what the latest collection couldn't give back: gaps between what lives
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if living, resident := heap(); isSpare(living+stays, resident) {
			debug.FreeOSMemory()
			living, resident = heap()
			stays = max(resident, living) - living
		}
	}
}

func isSpare(living, resident uint64) bool { return resident > living+living/16+spareBytes }

// heap is what lived at the latest collection, and what the heap has of the system, in bytes.
func heap() (living, resident uint64) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	for _, s := range samples[1:] {
		resident += s.Value.Uint64()
	}
	return samples[0].Value.Uint64(), resident
}
