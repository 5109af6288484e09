package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/scaiwave/presence/cluster"
)

// leastViewerKey is how many bytes a viewer key must have, so that it can't be guessed.
const leastViewerKey = 16

// viewerKey is the key of the hashes by which exceptions are found, of what --viewer-key-file has.
// White space around it doesn't count, as editors and secrets of Kubernetes end a file as they
// like.
func (c *serveCommand) viewerKey() (key [16]byte, err error) {
	if c.ViewerKeyFile == "" {
		return cluster.DefaultViewerKey(c.ClusterName), nil
	}
	content, err := os.ReadFile(c.ViewerKeyFile)
	if err != nil {
		return key, fmt.Errorf("--viewer-key-file: %w", err)
	}
	secret := bytes.TrimSpace(content)
	if len(secret) < leastViewerKey {
		return key, fmt.Errorf("--viewer-key-file=%s: it has %d bytes and must have %d or more, "+
			"as `openssl rand -hex 32` makes; all nodes have the same", c.ViewerKeyFile, len(secret), leastViewerKey)
	}
	return cluster.ViewerKey(string(secret)), nil
}
