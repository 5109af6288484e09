package gossip

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// keyFile is a keyring that follows a file. Each line is a key: 16, 24 or 32 bytes in base64. The
// first encrypts, all decrypt. A key is rotated in three steps, each on all nodes before the next:
// add the new one below, move it to the top, delete the old one.
type keyFile struct {
	path string
	log  *slog.Logger
	file *keyfiles.Files[int] // how many keys
	ring *memberlist.Keyring  // made by the first read
}

func loadKeys(path string, o keyfiles.Options) (*keyFile, error) {
	k := &keyFile{path: path, log: o.Logger}
	var err error
	k.file, err = keyfiles.Load(o, k.read, path)
	return k, err
}

// read gives the ring the keys of a text. A text that can't be used leaves the ring as it is.
func (k *keyFile) read(contents [][]byte) (int, error) {
	keys, err := k.parse(string(contents[0]))
	if err != nil {
		return 0, err
	}
	if k.ring == nil {
		k.ring, err = memberlist.NewKeyring(keys, keys[0])
	} else {
		err = k.install(keys)
	}
	return len(keys), err
}

func (k *keyFile) parse(text string) ([][]byte, error) {
	var keys [][]byte
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err == nil {
			err = memberlist.ValidateKey(key)
		}
		if err != nil {
			return nil, fmt.Errorf("gossip keys in %s, line %d: a key must be 16, 24 or 32 bytes in base64, as "+
				"`openssl rand -base64 32` makes: %w", k.path, i+1, err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("gossip keys: %s holds no key; `openssl rand -base64 32` makes one", k.path)
	}
	return keys, nil
}

// refresh follows the file.
func (k *keyFile) refresh() {
	if k.file.Look() {
		k.log.Info("gossip keys reloaded", "file", k.path, "keys", k.file.Current())
	}
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
