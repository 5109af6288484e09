package abuse

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// newcomer asks over a new connection. It is served, or told by a problem with a code why not.
func newcomer(t *testing.T, n *node) error {
	status, body, err := once(t, n)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return nil
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		if strings.Contains(body, `"code":"unavailable"`) || strings.Contains(body, `"code":"rate_limited"`) {
			return nil
		}
	}
	return fmt.Errorf("a newcomer gets %d: %.200s", status, body)
}

// served waits until newcomers are served again.
func served(t *testing.T, n *node) error {
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		status, body, err := once(t, n)
		if status == http.StatusOK {
			return nil
		}
		if time.Since(begun) > 2*sized().patience {
			return fmt.Errorf("a newcomer gets %d: %.200s, %w", status, body, err)
		}
	}
}

func once(t *testing.T, n *node) (status int, body string, err error) {
	c, err := dial(home, n.addr)
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(sized().patience))
	if _, err := io.WriteString(c, get+auth(token(t, "new", nil))+"\r\n"); err != nil {
		return 0, "", err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, "", err
	}
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}
