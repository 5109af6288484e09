package authorize

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Secrets sign what is sent, as Standard Webhooks 1.0.0 has it. A receiver needs one of them: so
// one is replaced by another without a moment in which the two ends have none in common.
type Secrets struct{ signers []*standardwebhooks.Webhook }

// Bounds of a secret, in bytes, as the specification has them; and of how many there are.
const (
	minSecretBytes = 24
	maxSecretBytes = 64
	maxSecrets     = 8
)

const secretPrefix = "whsec_"

// ParseSecrets reads a file of secrets: whsec_ and base64, one a line.
func ParseSecrets(text []byte) (s Secrets, err error) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		one := string(bytes.TrimSpace(line))
		if one == "" {
			continue
		}
		signer, err := parseSecret(one)
		if err != nil {
			return Secrets{}, fmt.Errorf("line %d: %w", n, err)
		}
		s.signers = append(s.signers, signer)
	}
	if n := len(s.signers); n == 0 || n > maxSecrets {
		return Secrets{}, fmt.Errorf("%d secrets; it must be 1 to %d, one a line, "+
			"such as `echo whsec_$(openssl rand -base64 32)` makes", n, maxSecrets)
	}
	return s, nil
}

// parseSecret says of a bad one nothing that it holds.
func parseSecret(one string) (*standardwebhooks.Webhook, error) {
	code, ok := strings.CutPrefix(one, secretPrefix)
	if !ok {
		return nil, errors.New("a secret begins with whsec_")
	}
	signer, err := standardwebhooks.NewWebhook(one)
	if err != nil {
		return nil, errors.New("after whsec_ there must be base64, with its padding")
	}
	if size := len(code)/4*3 - strings.Count(code, "="); size < minSecretBytes || size > maxSecretBytes {
		return nil, fmt.Errorf("a secret of %d bytes; it must be %d to %d", size, minSecretBytes, maxSecretBytes)
	}
	return signer, nil
}

// sign is the header with a signature by each secret.
func (s Secrets) sign(id string, at time.Time, body []byte) (string, error) {
	all := make([]string, len(s.signers))
	for i, signer := range s.signers {
		var err error
		if all[i], err = signer.Sign(id, at, body); err != nil {
			return "", err
		}
	}
	return strings.Join(all, " "), nil
}
