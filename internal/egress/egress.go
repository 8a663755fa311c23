// Package egress is HTTP to peers outside whose address somebody typed in: it reaches public addresses and the networks that
// the configuration allows, whatever a name resolves to and wherever a peer sends it on to; it waits a bounded time and
// reads a bounded answer. Its errors name the peer's host, never the address, which may hold a secret.
package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of reaching a peer. All are of kind Unavailable: nothing is wrong with what was to be sent.
var (
	ErrClosed   = fault.Define(fault.Unavailable, "egress.closed", "{host} has the address {address}, which is private. An operator can allow its network with STEPWELL_OUTBOUND_ALLOW.", "{host} 的地址是 {address}，属于内网地址。如确需访问，请运维人员在 STEPWELL_OUTBOUND_ALLOW 中放行该网段。")
	ErrReach    = fault.Define(fault.Unavailable, "egress.reach", "{host} cannot be reached: {why}.", "无法连接 {host}：{why}。")
	ErrSlow     = fault.Define(fault.Unavailable, "egress.slow", "{host} did not answer in time.", "{host} 响应超时。")
	ErrRedirect = fault.Define(fault.Unavailable, "egress.redirect", "{host} sends on to another address ({to}), which is not followed. Enter the final address.", "{host} 要求跳转到其他地址（{to}），系统不会跟随跳转，请直接填写最终地址。")
	ErrLong     = fault.Define(fault.Unavailable, "egress.long", "{host} answers with more than {most} bytes.", "{host} 的响应超过 {most} 字节。")
	ErrAddress  = fault.Define(fault.Invalid, "egress.address", "This is not a web address that can be called: it needs https:// or http:// and a host, without a user name.", "这不是可以访问的网址：应以 https:// 或 http:// 开头，包含主机名，且不带用户名。")
)

// Policy says which addresses may be reached beside the public ones.
type Policy struct{ Allow []netip.Prefix }

// Options bound a client. Zero members have the defaults below.
type Options struct {
	Policy  Policy
	Connect time.Duration // until the connection stands; default 5 s
	Total   time.Duration // until the answer has been read; default 15 s
	Most    int64         // bytes of an answer; default 64 KiB
	TLS     *tls.Config   // trust instead of the system's; for tests
}

// Client calls peers. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	options Options
}

// Answer is what a peer said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// New makes a client.
func New(o Options) *Client {
	if o.Connect == 0 {
		o.Connect = 5 * time.Second
	}
	if o.Total == 0 {
		o.Total = 15 * time.Second
	}
	if o.Most == 0 {
		o.Most = 64 << 10
	}
	transport := &http.Transport{
		// No proxy: it would resolve the name once more, out of sight.
		DialContext:            o.Policy.Dialer(o.Connect).DialContext,
		TLSClientConfig:        o.TLS,
		TLSHandshakeTimeout:    o.Connect,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // or a small answer could unfold into a large one
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
	}
	return &Client{options: o, http: &http.Client{
		Transport: transport, Timeout: o.Total,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Dialer connects to open addresses only. It looks at the address that is really connected to, after the name was resolved,
// so that a name cannot mean one thing when it is checked and another when it is used.
func (p Policy) Dialer(connect time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: connect, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read the address connected to: %w", err)
		}
		if !p.Open(at.Addr()) {
			return closedError{at.Addr()}
		}
		return nil
	}}
}

type closedError struct{ address netip.Addr }

func (e closedError) Error() string { return e.address.String() + " is private" }

// Address reads a web address that may be called; ErrAddress when it is none.
func Address(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return nil, ErrAddress.With(nil) // without the cause, which would repeat the address
	}
	return u, nil
}

// Post sends a body and reads the answer, whatever its status but a redirection.
func (c *Client) Post(ctx context.Context, to *url.URL, body []byte, header http.Header) (*Answer, error) {
	return c.Call(ctx, http.MethodPost, to, body, header)
}

// Get asks for an address and reads the answer, whatever its status but a redirection.
func (c *Client) Get(ctx context.Context, to *url.URL) (*Answer, error) {
	return c.Call(ctx, http.MethodGet, to, nil, nil)
}

// Call asks with any method and reads the answer, whatever its status but a redirection.
func (c *Client) Call(ctx context.Context, method string, to *url.URL, body []byte, header http.Header) (*Answer, error) {
	host := to.Host
	request, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(string(body)))
	if err != nil {
		return nil, ErrAddress.With(nil)
	}
	if header != nil {
		request.Header = header.Clone()
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, Explain(host, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		target := "?"
		if at, err := response.Location(); err == nil {
			target = at.Host
		}
		return nil, ErrRedirect.With(problem.Params{"host": host, "to": target})
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, c.options.Most+1))
	if err != nil {
		return nil, Explain(host, err)
	}
	if int64(len(answer)) > c.options.Most {
		return nil, ErrLong.With(problem.Params{"host": host, "most": c.options.Most})
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: answer}, nil
}

// Explain says why a host could not be talked to, in one of this package's faults. What the standard library says around
// it repeats the address and is left out. That the caller gave up stays context.Canceled.
func Explain(host string, err error) error {
	if private, ok := errors.AsType[closedError](err); ok {
		return ErrClosed.With(problem.Params{"host": host, "address": private.address})
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return ErrSlow.With(problem.Params{"host": host})
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	why := err
	if outer, ok := errors.AsType[*url.Error](err); ok {
		why = outer.Err
	}
	return ErrReach.With(problem.Params{"host": host, "why": why})
}

// Pause is how long a peer asks to be left alone: what Retry-After says in seconds or as a date, from a second to an
// hour; otherwise the given time.
func (a *Answer) Pause(now time.Time, otherwise time.Duration) time.Duration {
	said := strings.TrimSpace(a.Header.Get("Retry-After"))
	pause := otherwise
	if seconds, err := strconv.ParseUint(said, 10, 31); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		pause = at.Sub(now)
	}
	return min(max(pause, time.Second), time.Hour)
}

// Busy reports whether the peer asks to come back later.
func (a *Answer) Busy() bool {
	return a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != ""
}
