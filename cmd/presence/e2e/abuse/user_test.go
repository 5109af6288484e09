package abuse

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// home is where users are. No attack comes from there.
const home = "127.0.0.99"

// users are a few people whose requests go on all the time, a half over connections that are kept
// and a half over new ones. Requests begin when they are due, also while others wait.
type users struct {
	questions
	kept, fresh *http.Client
}

const (
	userRequests   = 80 // a second, of all users
	healthRequests = 10
)

func newUsers(q questions) *users {
	client := func(keep bool) *http.Client {
		return &http.Client{Timeout: sized().patience, Transport: &http.Transport{
			DialContext:         (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(home)}}).DialContext,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives:   !keep,
			MaxIdleConnsPerHost: 8,
		}}
	}
	return &users{questions: q, kept: client(true), fresh: client(false)}
}

// watch asks for as long as that.
func (u *users) watch(lasts time.Duration) *seen {
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	s := &seen{}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { s.Asked.each(ctx, userRequests, u.one) })
	running.Go(func() { s.Health.each(ctx, healthRequests, func(int) error { return look(u.Admin + "/healthz") }) })
	return s
}

// one is the i-th request of the users: a look at a few contacts, a heartbeat, a question about a
// hundred.
func (u *users) one(i int) error {
	client := u.kept
	if i%2 == 1 {
		client = u.fresh
	}
	switch i / 2 % 3 {
	case 0:
		return u.send(client, i, "GET", "/v1/presence?ids=user-0,user-1,user-2,ann,ben", nil)
	case 1:
		return u.send(client, i, "PUT", "/v1/presence/me/devices/phone", []byte(`{"activity":"online"}`))
	default:
		return u.send(client, i, "POST", "/v1/presence/query", question(100))
	}
}

func (u *users) send(client *http.Client, i int, method, path string, body []byte) error {
	req, err := http.NewRequest(method, u.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+u.Tokens[i%len(u.Tokens)])
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: status %d: %.200s", method, path, res.StatusCode, answer)
	}
	return err
}

// look is one request to the admin listener, as a probe makes it: over a new connection.
func look(url string) error {
	client := http.Client{Timeout: sized().patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d: %s", url, res.StatusCode, bytes.TrimSpace(body))
	}
	return err
}

// question asks about n people.
func question(n int) []byte {
	return []byte(`{"ids":[` + names(n) + `]}`)
}
