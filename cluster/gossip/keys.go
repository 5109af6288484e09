package gossip

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/memberlist"
)

// keyFile is a keyring that follows a file: a key a line, 16, 24 or 32 bytes in base64; the first encrypts, all decrypt. A key is
// rotated in three steps, each on all nodes before the next: add the new one below, move it to the top, take the old one out.
type keyFile struct {
	path string
	text []byte // what is in use
	ring *memberlist.Keyring
}

func loadKeys(path string) (*keyFile, error) {
	k := &keyFile{path: path}
	keys, err := k.read()
	if err != nil {
		return nil, err
	}
	k.ring, err = memberlist.NewKeyring(keys, keys[0])
	return k, err
}

func (k *keyFile) read() ([][]byte, error) {
	text, err := os.ReadFile(k.path)
	if err != nil {
		return nil, fmt.Errorf("gossip keys: %w", err)
	}
	var keys [][]byte
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err == nil {
			err = memberlist.ValidateKey(key)
		}
		if err != nil {
			return nil, fmt.Errorf("gossip keys in %s, line %d: a key must be 16, 24 or 32 bytes in base64, as `openssl rand -base64 32` makes: %w", k.path, i+1, err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("gossip keys: %s holds no key; `openssl rand -base64 32` makes one", k.path)
	}
	k.text = text
	return keys, nil
}

// refresh follows the file. One that can't be used leaves the ring as it is.
func (k *keyFile) refresh(log *slog.Logger) {
	if text, err := os.ReadFile(k.path); err == nil && bytes.Equal(text, k.text) {
		return
	}
	keys, err := k.read()
	if err == nil {
		err = k.install(keys)
	}
	if err != nil {
		log.Warn("gossip keys stay as they are", "file", k.path, "err", err)
		return
	}
	log.Info("gossip keys read again", "file", k.path, "keys", len(keys))
}

func (k *keyFile) install(keys [][]byte) error {
	for _, key := range keys {
		if err := k.ring.AddKey(key); err != nil {
			return err
		}
	}
	if err := k.ring.UseKey(keys[0]); err != nil {
		return err
	}
	for _, old := range slices.Clone(k.ring.GetKeys()) {
		if !slices.ContainsFunc(keys, func(key []byte) bool { return bytes.Equal(key, old) }) {
			if err := k.ring.RemoveKey(old); err != nil {
				return err
			}
		}
	}
	return nil
}
