package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pocketbaseArgs are how the peer is run on what it has.
func (b *bench) pocketbaseArgs(dir string) func(host string) []string {
	return func(host string) []string {
		return []string{"-data", filepath.Join(dir, "pocketbase"), "-listen", host}
	}
}

// fillPocketBase lets the peer make its collection and load the records before it serves.
func (b *bench) fillPocketBase(ctx context.Context, dir string) error {
	var lines strings.Builder
	b.theirs.ids = nil
	for n := range b.records {
		data := order(n)
		id := fmt.Sprintf("r%014d", n)
		data["id"] = id
		b.theirs.ids = append(b.theirs.ids, id)
		lines.Write(encode(data))
		lines.WriteByte('\n')
	}
	columns, records := filepath.Join(b.dir, "fields.json"), filepath.Join(b.dir, "records.jsonl")
	if err := errors.Join(os.WriteFile(columns, encode(fields()), 0o600), os.WriteFile(records, []byte(lines.String()), 0o600)); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	err := b.theirs.start(ctx, command{
		name: b.pocketbase, log: filepath.Join(b.dir, "pocketbase-fill.log"),
		args: func(host string) []string {
			return append(b.pocketbaseArgs(dir)(host), "-fields", columns, "-records", records, "-index", "segment, amount")
		},
	}, "/api/health")
	if err != nil {
		return err
	}
	b.theirs.stop()
	return nil
}
