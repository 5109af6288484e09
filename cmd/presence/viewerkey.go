package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
)

// leastViewerKey is how many bytes a viewer key must have, so that it can't be guessed.
const leastViewerKey = 16

// viewerKey is the key of the hashes by which exceptions are found: the first 16 bytes of the
// SHA-256 of what --viewer-key-file holds. White space around it doesn't count, as editors and
// secrets of Kubernetes end a file as they like.
//
// Without a file it is made of the cluster's name. So it is the same on all nodes, and no secret.
func (c *serveCommand) viewerKey() ([16]byte, error) {
	if c.ViewerKeyFile == "" {
		return firstOf("cluster " + c.ClusterName), nil
	}
	content, err := os.ReadFile(c.ViewerKeyFile)
	if err != nil {
		return [16]byte{}, fmt.Errorf("--viewer-key-file: %w", err)
	}
	secret := bytes.TrimSpace(content)
	if len(secret) < leastViewerKey {
		return [16]byte{}, fmt.Errorf("--viewer-key-file=%s: it has %d bytes and must have %d or more, "+
			"as `openssl rand -hex 32` makes; all nodes have the same", c.ViewerKeyFile, len(secret), leastViewerKey)
	}
	return firstOf(string(secret)), nil
}

func firstOf(text string) [16]byte {
	whole := sha256.Sum256([]byte(text))
	return [16]byte(whole[:])
}
