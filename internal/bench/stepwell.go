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
func (b *bench) stepwellArgs(dir string) func(host string) []string {
	return func(host string) []string {
		return []string{"serve", "--data-dir", filepath.Join(dir, "stepwell"), "--listen", host}
	}
}

// fillStepwell sets the product up as a new installation is, and submits the records.
func (b *bench) fillStepwell(ctx context.Context, dir string) error {
	secret := make(chan string, 1)
	err := b.ours.start(ctx, command{
		name: b.stepwell, args: b.stepwellArgs(dir), log: filepath.Join(b.dir, "stepwell-fill.log"),
		lines: func(line string) {
			if _, token, ok := strings.Cut(line, "?token="); ok {
				secret <- token
			}
		},
	}, "/readyz")
	if err != nil {
		return err
	}
	if err := b.setUp(ctx, <-secret); err != nil {
		return fmt.Errorf("set up Stepwell: %w", err)
	}
	if err := b.loadStepwell(ctx); err != nil {
		return err
	}
	b.ours.stop()
	return nil
}

// call is one request of the preparation.
func (b *bench) call(ctx context.Context, method, path, cookie string, body any) (session string, answer map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+b.ours.host+"/api/v1"+path, bytes.NewReader(encode(body)))
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
func (b *bench) setUp(ctx context.Context, secret string) error {
	admin, _, err := b.call(ctx, "POST", "/setup", "", map[string]any{"token": secret, "username": "admin", "name": "Admin", "password": password})
	if err != nil {
		return err
	}
	var with []any
	for at, body := range definitions() {
		if _, _, err := b.call(ctx, "PUT", "/apps/bench/definitions/"+at, admin, body); err != nil {
			return err
		}
		if kind, key, _ := strings.Cut(at, "/"); kind != "app" {
			with = append(with, map[string]any{"kind": kind, "key": key})
		}
	}
	if _, _, err := b.call(ctx, "POST", "/apps/bench/definitions/app/bench/publish", admin, map[string]any{"with": with}); err != nil {
		return err
	}
	first := password + " first"
	if _, _, err := b.call(ctx, "POST", "/users", admin, map[string]any{
		"username": "rep", "name": "Rep", "password": first, "roles": []any{map[string]any{"app": "bench", "role": "lead"}},
	}); err != nil {
		return err
	}
	rep, _, err := b.call(ctx, "POST", "/session", "", map[string]any{"username": "rep", "password": first})
	if err != nil {
		return err
	}
	if _, _, err := b.call(ctx, "POST", "/me/password", rep, map[string]any{"current": first, "new": password}); err != nil {
		return err
	}
	if rep, _, err = b.call(ctx, "POST", "/session", "", map[string]any{"username": "rep", "password": password}); err != nil {
		return err
	}
	_, token, err := b.call(ctx, "POST", "/tokens", rep, map[string]any{"name": "bench"})
	if err != nil {
		return err
	}
	b.ours.header = fmt.Sprintf("Authorization: Bearer %s\r\n", token["secret"])
	return nil
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
