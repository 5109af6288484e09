package shard

import (
	"slices"
	"strings"
)

// sortedDevices orders devices by name; of what is gone counts only when it was seen, if nothing
// was seen later.
func sortedDevices(ds []incomingDevice) []incomingDevice {
	var seen Tick
	for i := range ds {
		seen = max(seen, ds[i].lastSign)
	}
	for i := range ds {
		if ds[i].status == signedOut && ds[i].lastSign < seen {
			ds[i].lastSign = 0
		}
		if ds[i].status == expired {
			ds[i] = incomingDevice{id: ds[i].id, status: expired, lastSign: ds[i].lastSign}
		}
	}
	slices.SortFunc(ds, func(a, b incomingDevice) int { return strings.Compare(a.id, b.id) })
	return ds
}

// sortedBlocks orders lines that aren't indented, each with the indented ones behind it.
func sortedBlocks(s string) string {
	blocks := strings.Split(strings.ReplaceAll(s, "\n  ", "\r  "), "\n")
	slices.Sort(blocks)
	return strings.ReplaceAll(strings.Join(blocks, "\n"), "\r", "\n")
}
