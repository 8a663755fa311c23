// Command bench measures Stepwell beside PocketBase over HTTP on loopback: the same records, the same clients, in turns.
// It starts both servers itself, on free ports and in a folder that it removes.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// bench is what one run works with.
type bench struct {
	records, clients, rounds int
	each                     time.Duration // of one system's turn
	dir                      string
	ours, theirs             system
	out                      io.Writer
}

// system is a running server with the ids of its records.
type system struct {
	host   string
	header string
	ids    []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{out: os.Stdout}
	stepwell := flag.String("stepwell", "bin/stepwell", "the product's binary")
	pocketbase := flag.String("pocketbase", "", "the peer's binary")
	flag.IntVar(&b.records, "records", 100_000, "records in both systems")
	flag.IntVar(&b.clients, "clients", 16, "keep-alive clients")
	flag.IntVar(&b.rounds, "rounds", 3, "turns of each system")
	flag.DurationVar(&b.each, "each", 3*time.Second, "length of one turn")
	flag.Parse()
	if err := b.run(ctx, *stepwell, *pocketbase); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func (b *bench) run(ctx context.Context, stepwell, pocketbase string) (err error) {
	if b.dir, err = os.MkdirTemp("", "stepwell-bench-"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	ctx, cancel := context.WithCancel(ctx)
	ended := []<-chan struct{}{}
	defer func() {
		cancel()
		for _, e := range ended {
			<-e
		}
	}()
	ours, err := b.startStepwell(ctx, stepwell)
	if err != nil {
		return err
	}
	ended = append(ended, ours)
	theirs, err := b.startPocketBase(ctx, pocketbase)
	if err != nil {
		return err
	}
	ended = append(ended, theirs)
	return b.measure()
}

// freePort is an address nobody listens on now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// start runs a server until ctx ends. Its output goes to lines; the channel is closed when it has ended.
func start(ctx context.Context, log string, lines func(string), name string, args ...string) (<-chan struct{}, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("read output of %s: %w", name, err)
	}
	file, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("make log: %w", err)
	}
	cmd.Stderr = file
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, errors.Join(err, file.Close()))
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer file.Close()
		for s := bufio.NewScanner(pipe); s.Scan(); {
			lines(s.Text())
		}
		_ = cmd.Wait() // ended by us; a server that ends by itself shows as a refused connection
	}()
	return ended, nil
}

// await asks for a path until it answers.
func await(ctx context.Context, host, path string, ended <-chan struct{}) error {
	for {
		if c, err := dial(host); err == nil {
			_, err = c.do(request{method: "GET", path: path, want: 200})
			_ = c.conn.Close()
			if err == nil {
				return nil
			}
		}
		select {
		case <-ended:
			return fmt.Errorf("the server for %s ended by itself", host)
		default:
		}
		if err := (clock.Real{}).Wait(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func (b *bench) startPocketBase(ctx context.Context, binary string) (ended <-chan struct{}, err error) {
	if b.theirs.host, err = freePort(); err != nil {
		return nil, err
	}
	var lines strings.Builder
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
		return nil, fmt.Errorf("write records: %w", err)
	}
	ended, err = start(ctx, filepath.Join(b.dir, "pocketbase.log"), func(string) {}, binary,
		"-data", filepath.Join(b.dir, "pocketbase"), "-listen", b.theirs.host, "-fields", columns, "-records", records, "-index", "segment, amount")
	if err != nil {
		return nil, err
	}
	return ended, await(ctx, b.theirs.host, "/api/health", ended)
}
