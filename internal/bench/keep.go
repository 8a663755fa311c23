package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// kept is what a later run must know of the databases in a folder.
type kept struct {
	Made   string   `json:"made"` // from what: records and definitions
	Header string   `json:"header"`
	Ours   []string `json:"ours"`
	Theirs []string `json:"theirs"`
}

func (b *bench) made() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %s", b.records, encode(definitions()), encode(fields()), encode(order(1))))
	return hex.EncodeToString(sum[:])
}

// recall reports whether a folder holds what this run would fill it with.
func (b *bench) recall(dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, "bench.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read what was kept: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return false, fmt.Errorf("read what was kept: %w", err)
	}
	b.ours.header, b.ours.ids, b.theirs.ids = k.Header, k.Ours, k.Theirs
	return k.Made == b.made(), nil
}

func (b *bench) remember(dir string) error {
	k := kept{Made: b.made(), Header: b.ours.header, Ours: b.ours.ids, Theirs: b.theirs.ids}
	if err := os.WriteFile(filepath.Join(dir, "bench.json"), encode(k), 0o600); err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	return nil
}
