package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// server is a process that answers HTTP.
type server struct {
	host   string
	pid    int
	took   time.Duration // from the start of the process to its first answer
	cancel context.CancelFunc
	ended  <-chan struct{}
}

// command is how a server is run.
type command struct {
	name  string
	args  func(host string) []string
	log   string       // file of its error output
	lines func(string) // told each line of its output; may be nil
}

// start runs a server on a free port until ctx ends or stop is called, and returns when it has answered a path.
func (s *server) start(ctx context.Context, c command, path string) error {
	host, err := freePort(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	began := clock.Real{}.Now()
	pid, ended, err := run(ctx, c, host)
	if err != nil {
		cancel()
		return err
	}
	s.host, s.pid, s.cancel, s.ended = host, pid, cancel, ended
	if err := await(ctx, host, path, ended); err != nil {
		return err
	}
	s.took = clock.Real{}.Now().Sub(began)
	return nil
}

// stop ends the server in an orderly way.
func (s *server) stop() {
	s.cancel()
	s.wait()
}

func (s *server) wait() {
	if s.ended != nil {
		<-s.ended
	}
}

// resident is the memory the process holds, in bytes; 0 where the system does not tell.
func (s *server) resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if size, ok := strings.CutPrefix(string(line), "VmRSS:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// cpu is the processor time that the process has used; 0 where the system does not tell.
func (s *server) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths
}

// freePort is an address nobody listens on now.
func freePort(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// run starts a process that is told to end when ctx does; the channel is closed when it has.
func run(ctx context.Context, c command, host string) (pid int, ended <-chan struct{}, err error) {
	cmd := exec.CommandContext(ctx, c.name, c.args(host)...) //nolint:gosec // the caller names the binaries
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return 0, nil, fmt.Errorf("read output of %s: %w", c.name, err)
	}
	file, err := os.Create(c.log)
	if err != nil {
		return 0, nil, fmt.Errorf("make log: %w", err)
	}
	cmd.Stderr = file
	if err := cmd.Start(); err != nil {
		return 0, nil, fmt.Errorf("start %s: %w", c.name, errors.Join(err, file.Close()))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer file.Close()
		for s := bufio.NewScanner(pipe); s.Scan(); {
			if c.lines != nil {
				c.lines(s.Text())
			}
		}
		_ = cmd.Wait() // ended by us; a server that ends by itself shows as a refused connection
	}()
	return cmd.Process.Pid, done, nil
}

// await asks for a path until it answers.
func await(ctx context.Context, host, path string, ended <-chan struct{}) error {
	for {
		if c, err := dial(ctx, host); err == nil {
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
		if err := (clock.Real{}).Wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}
