package target

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrNoAdmin means that the admin listener of a node isn't known.
var ErrNoAdmin = errors.New("target: no admin listener known")

// Metric returns the sum of a metric of a node over its labels.
func (n *Node) Metric(ctx context.Context, name string) (sum float64, err error) {
	if n.Admin == "" {
		return 0, fmt.Errorf("%s: %w", n.Name, ErrNoAdmin)
	}
	var page string
	if err := get(ctx, nil, n.Admin+"/metrics", "", &page); err != nil {
		return 0, err
	}
	found := false
	for line := range strings.Lines(page) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || rest[0] != ' ' && rest[0] != '{' {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(rest, ' ')+1:]), 64)
		if err != nil {
			return 0, fmt.Errorf("target: metric %s of %s: %w", name, n.Name, err)
		}
		sum, found = sum+v, true
	}
	if !found {
		return 0, fmt.Errorf("target: %s has no metric %s", n.Name, name)
	}
	return sum, nil
}

// Metric returns the sum of a metric over the nodes that are up.
func (c *Cluster) Metric(ctx context.Context, name string) (sum float64, err error) {
	for _, n := range c.Up() {
		v, err := n.Metric(ctx, name)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, nil
}
