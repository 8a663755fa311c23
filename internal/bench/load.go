package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
)

// client is one keep-alive connection. It is leaner than net/http's, because it shares the machine with what it measures.
type client struct {
	host string
	conn net.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, host string) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", host, err)
	}
	return &client{host: host, conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// request is what one client asks.
type request struct {
	method, path string
	header       string // lines, each ended by \r\n
	body         []byte
	want         int // status
}

// do asks and reads the whole answer.
func (c *client) do(r request) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n%s", r.method, r.path, c.host, r.header)
	if r.body != nil {
		out.WriteString("Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(r.body)) + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(r.body)
	if _, err := c.conn.Write(out.Bytes()); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if answer.StatusCode != r.want {
		return nil, fmt.Errorf("%s %s answered %s: %.300s", r.method, r.path, answer.Status, body)
	}
	return body, nil
}

// turn is how one system did at one operation for a while.
type turn struct {
	took []time.Duration // of each request
	busy time.Duration   // of the turn
	cpu  time.Duration   // that the server used meanwhile
}

func (t *turn) perSecond() float64 { return float64(len(t.took)) / t.busy.Seconds() }

// drive lets clients ask, each as fast as it is answered, until the time is over or ask says that there is no more.
func drive(ctx context.Context, host string, clients int, most time.Duration, into *turn, ask func(worker int) (request, bool), answer func(body []byte) error) error {
	ck := clock.Real{}
	var work sync.WaitGroup
	took, failed := make([][]time.Duration, clients), make([]error, clients)
	begin := ck.Now()
	for i := range clients {
		work.Go(func() {
			c, err := dial(ctx, host)
			if err != nil {
				failed[i] = err
				return
			}
			defer c.conn.Close()
			for from := ck.Now(); from.Sub(begin) < most; {
				r, more := ask(i)
				if !more {
					return
				}
				body, err := c.do(r)
				if err == nil && answer != nil {
					err = answer(body)
				}
				if err != nil {
					failed[i] = err
					return
				}
				to := ck.Now()
				took[i] = append(took[i], to.Sub(from))
				from = to
			}
		})
	}
	work.Wait()
	into.busy += ck.Now().Sub(begin)
	for i := range clients {
		if failed[i] != nil {
			return failed[i]
		}
		into.took = append(into.took, took[i]...)
	}
	return nil
}
