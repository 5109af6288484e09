package target

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// answerPatience is for the few requests that are no load. The load may fill the machine meanwhile.
const answerPatience = 30 * time.Second

// get asks for a document. It puts its text into a *string, its JSON into anything else, and leaves
// it out for nil. trust is for https.
func get(ctx context.Context, trust *tls.Config, url, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{
		Timeout:   answerPatience,
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: trust},
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := Whole(res)
	if err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: status %d: %.300s", url, res.StatusCode, body)
	}
	switch into := into.(type) {
	case nil:
		return nil
	case *string:
		*into = string(body)
		return nil
	default:
		return json.Unmarshal(body, into)
	}
}
