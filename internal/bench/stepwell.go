package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	records  = "/api/v1/apps/bench/forms/order/records"
	password = "nine lanterns by the water"
)

// stepwellArgs are how the product is run.
func (b *bench) stepwellArgs(dir string, more ...string) func(host string) []string {
	return func(host string) []string {
		return append([]string{"serve", "--data-dir", filepath.Join(dir, "stepwell"), "--listen", host}, more...)
	}
}

// install starts the product as a new installation and sets it up with an app.
func (s *system) install(ctx context.Context, c command, definitions map[string]any) error {
	secret := make(chan string, 1)
	c.lines = func(line string) {
		if _, token, ok := strings.Cut(line, "?token="); ok {
			secret <- token
		}
	}
	if err := s.start(ctx, c, "/readyz"); err != nil {
		return err
	}
	if err := s.setUp(ctx, <-secret, definitions); err != nil {
		return fmt.Errorf("set up Stepwell: %w", err)
	}
	return nil
}

// fillStepwell sets the product up and submits the records.
func (b *bench) fillStepwell(ctx context.Context, dir string) error {
	err := b.ours.install(ctx, command{name: b.stepwell, args: b.stepwellArgs(dir), log: filepath.Join(b.dir, "stepwell-fill.log")}, definitions())
	if err != nil {
		return err
	}
	if err := b.loadStepwell(ctx); err != nil {
		return err
	}
	b.ours.stop()
	return nil
}

// call is one request of the preparation.
func (s *system) call(ctx context.Context, method, path, cookie string, body any) (session string, answer map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.host+"/api/v1"+path, bytes.NewReader(encode(body)))
	if err != nil {
		return "", nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Stepwell", "bench")
	req.Header.Set("Cookie", cookie)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", nil, fmt.Errorf("call %s: %w", path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return "", nil, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode >= 300 {
		return "", nil, fmt.Errorf("%s %s answered %s: %v", method, path, resp.Status, answer)
	}
	for _, c := range resp.Cookies() {
		session = c.Name + "=" + c.Value
	}
	return session, answer, nil
}

// setUp installs the app through the product's own API and signs a rep in, who has a token.
func (s *system) setUp(ctx context.Context, secret string, definitions map[string]any) error {
	admin, _, err := s.call(ctx, "POST", "/setup", "", map[string]any{"token": secret, "username": "admin", "name": "Admin", "password": password})
	if err != nil {
		return err
	}
	var with []any
	for at, body := range definitions {
		if _, _, err := s.call(ctx, "PUT", "/apps/bench/definitions/"+at, admin, body); err != nil {
			return err
		}
		if kind, key, _ := strings.Cut(at, "/"); kind != "app" {
			with = append(with, map[string]any{"kind": kind, "key": key})
		}
	}
	if _, _, err := s.call(ctx, "POST", "/apps/bench/definitions/app/bench/publish", admin, map[string]any{"with": with}); err != nil {
		return err
	}
	rep, err := s.hire(ctx, admin, "rep", "lead")
	if err != nil {
		return err
	}
	s.admin = admin
	_, token, err := s.call(ctx, "POST", "/tokens", rep, map[string]any{"name": "bench"})
	if err != nil {
		return err
	}
	s.header = fmt.Sprintf("Authorization: Bearer %s\r\n", token["secret"])
	return nil
}

// hire makes a user with a role, who signs in and chooses a password; it gives their cookie.
func (s *system) hire(ctx context.Context, admin, username, role string) (string, error) {
	first := password + " first"
	if _, _, err := s.call(ctx, "POST", "/users", admin, map[string]any{
		"username": username, "name": username, "password": first, "roles": []any{map[string]any{"app": "bench", "role": role}},
	}); err != nil {
		return "", err
	}
	cookie, _, err := s.call(ctx, "POST", "/session", "", map[string]any{"username": username, "password": first})
	if err != nil {
		return "", err
	}
	if _, _, err := s.call(ctx, "POST", "/me/password", cookie, map[string]any{"current": first, "new": password}); err != nil {
		return "", err
	}
	cookie, _, err = s.call(ctx, "POST", "/session", "", map[string]any{"username": username, "password": password})
	return cookie, err
}

// loadStepwell submits the records one by one: each goes through the whole pipeline, as there is no way around it.
func (b *bench) loadStepwell(ctx context.Context) error {
	var next atomic.Int64
	var mu sync.Mutex
	b.ours.ids = nil
	return drive(ctx, b.ours.host, 4*b.clients, time.Hour, &turn{}, func(int) (request, bool) {
		n := int(next.Add(1)) - 1
		return b.submit(n), n < b.records
	}, func(body []byte) error {
		var made struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &made); err != nil {
			return fmt.Errorf("read record: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		b.ours.ids = append(b.ours.ids, made.ID)
		return nil
	})
}

func (b *bench) submit(n int) request {
	return request{"POST", records + "?view=plain", b.ours.header, encode(map[string]any{"data": order(n)}), 201}
}
