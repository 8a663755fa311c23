// Command bench measures Stepwell beside PocketBase over HTTP on loopback: the same records, the same clients, in turns.
// It starts both servers itself, on free ports and in a folder that it removes. A missed target is printed, never an
// error: only what goes wrong is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// bench is what one run works with.
type bench struct {
	records, clients, rounds int
	each                     time.Duration // of one system's turn
	only                     string        // the operations to measure; "": all
	engineFile, sizeFile     string        // outputs of other tools
	cpu                      bool          // tell the servers' processor time too
	keep                     string        // folder of prepared data; "": made anew and removed
	dir                      string        // the run's own folder
	stepwell, pocketbase     string        // binaries
	ours, theirs             system
	out                      io.Writer
}

// system is a server with the ids of its records.
type system struct {
	server
	header string // of who works
	admin  string // cookie of who administers a product that was just installed
	ids    []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{out: os.Stdout}
	flag.StringVar(&b.stepwell, "stepwell", "bin/stepwell", "the product's binary")
	flag.StringVar(&b.pocketbase, "pocketbase", "", "the peer's binary")
	flag.IntVar(&b.records, "records", 100_000, "records in both systems")
	flag.IntVar(&b.clients, "clients", 16, "keep-alive clients")
	flag.IntVar(&b.rounds, "rounds", 5, "turns of each system")
	flag.DurationVar(&b.each, "each", 3*time.Second, "length of one turn")
	flag.StringVar(&b.only, "only", "", "measure operations whose name begins so")
	flag.StringVar(&b.engineFile, "engine", "", "output of the engine's benchmark, for the table")
	flag.StringVar(&b.sizeFile, "size", "", "output of the UI's size check, for the table")
	flag.BoolVar(&b.cpu, "cpu", false, "tell the servers' processor time a request on the error output")
	flag.StringVar(&b.keep, "keep", "", "folder that keeps the filled databases for the next run, which works on a copy")
	flag.Parse()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "stepwell-bench-"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	ctx, cancel := context.WithCancel(ctx)
	defer b.theirs.wait()
	defer b.ours.wait()
	defer cancel()
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if err := b.startAgain(ctx); err != nil {
		return err
	}
	return b.measure(ctx)
}

// prepare fills both databases and stops their servers, or takes over what an earlier run kept.
func (b *bench) prepare(ctx context.Context) error {
	if b.keep == "" {
		return b.fill(ctx, b.dir)
	}
	found, err := b.recall(b.keep)
	if err != nil {
		return err
	}
	if !found {
		if err := b.fill(ctx, b.keep); err != nil {
			return err
		}
		if err := b.remember(b.keep); err != nil {
			return err
		}
	}
	for _, name := range []string{"stepwell", "pocketbase"} {
		if err := exec.CommandContext(ctx, "cp", "-a", filepath.Join(b.keep, name), b.dir).Run(); err != nil { //nolint:gosec // the caller's own folders
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return nil
}

// fill makes both databases in a folder, one after the other.
func (b *bench) fill(ctx context.Context, dir string) error {
	fmt.Fprintf(os.Stderr, "bench: filling both systems with %d records\n", b.records)
	for _, name := range []string{"stepwell", "pocketbase"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("clear folder: %w", err)
		}
		if err := os.MkdirAll(filepath.Join(dir, name), 0o750); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	for _, fill := range []func(context.Context, string) error{b.fillStepwell, b.fillPocketBase} {
		if err := fill(ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

// startAgain starts both servers on filled folders: what an operator's restart is.
func (b *bench) startAgain(ctx context.Context) error {
	ours := command{name: b.stepwell, args: b.stepwellArgs(b.dir), log: filepath.Join(b.dir, "stepwell.log")}
	if err := b.ours.start(ctx, ours, "/"); err != nil {
		return err
	}
	theirs := command{name: b.pocketbase, args: b.pocketbaseArgs(b.dir), log: filepath.Join(b.dir, "pocketbase.log")}
	return b.theirs.start(ctx, theirs, "/api/health")
}
