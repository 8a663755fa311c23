// Package chat is what the chat peers have in common: JSON over HTTP, and an error code inside an answer that looks like
// success.
package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/definition"
)

// Peer is somebody's API.
type Peer struct {
	Name  definition.Text
	HTTP  *egress.Client
	Clock clock.Clock
	Codes map[int]Reason
}

// Kind is what an error code is about.
type Kind int

// The kinds of error code.
const (
	Config  Kind = iota // how the channel is set up; nothing can be sent until somebody mends that
	Message             // this message: it will never be taken
	Reader              // the person it is for
	Wait                // too many messages
)

// Reason is what an error code means.
type Reason struct {
	Kind  Kind
	Why   definition.Text
	Pause time.Duration // Wait only
}

// busy is how long to wait when a peer says "too many" and not for how long.
const busy = time.Minute

// Base is the address of an API: what is configured, else the peer's own.
func Base(configured, own string) (*url.URL, error) {
	if configured == "" {
		configured = own
	}
	base, err := egress.Address(configured)
	if err != nil {
		return nil, err
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawQuery, base.Fragment = "", ""
	return base, nil
}

// At is an address below a base.
func At(base *url.URL, path string, query url.Values) *url.URL {
	at := *base
	at.Path += path
	at.RawQuery = query.Encode()
	return &at
}

// Send hands a message over: it asks the fence, posts body as JSON and reads the answer into answer.
func (p *Peer) Send(ctx context.Context, to *url.URL, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return queue.Permanent(fmt.Errorf("encode message: %w", err))
	}
	if err := queue.Fence(ctx); err != nil {
		return err
	}
	got, err := p.HTTP.Post(ctx, to, encoded, http.Header{"Content-Type": {"application/json; charset=utf-8"}})
	if err != nil {
		return err
	}
	return p.read(got, answer)
}

// Ask gets an answer without sending anything to anybody.
func (p *Peer) Ask(ctx context.Context, at *url.URL, answer any) error {
	got, err := p.HTTP.Get(ctx, at)
	if err != nil {
		return err
	}
	return p.read(got, answer)
}

func (p *Peer) read(got *egress.Answer, answer any) error {
	switch {
	case got.Busy():
		return notices.Busy(p.Name, got.Pause(p.Clock.Now(), busy))
	case got.Status != http.StatusOK:
		return notices.PeerRefused(p.Name, status(got.Status), "HTTP "+strconv.Itoa(got.Status))
	}
	if err := json.Unmarshal(got.Body, answer); err != nil {
		return notices.PeerRefused(p.Name, notJSON, "HTTP 200")
	}
	return nil
}

var notJSON = definition.Text{"zh-CN": "响应不是预期的格式，请检查地址", "en": "the answer is not what was expected; check the address"}

func status(code int) definition.Text {
	if code >= http.StatusInternalServerError {
		return definition.Text{"zh-CN": "对方服务出错", "en": "it has an error of its own"}
	}
	return definition.Text{"zh-CN": "请求未被接受，请检查地址和密钥", "en": "the request was not taken; check the address and the secret"}
}

// Judge makes an error of a code in an answer; nil for 0. said is what the peer says about it, shown when the code is not
// a known one. to is the reader, if there is one.
func (p *Peer) Judge(code int, said string, to notices.Person) error {
	if code == 0 {
		return nil
	}
	reason, known := p.Codes[code]
	if !known {
		said, _, _ = strings.Cut(said, ", hint") // an id of the peer's own log, different every time
		return notices.PeerRefused(p.Name, definition.Text{"": said}, code)
	}
	switch reason.Kind {
	case Message:
		return notices.Refused(p.Name, reason.Why, code)
	case Reader:
		return notices.Unknown(to, p.Name, reason.Why)
	case Wait:
		pause := reason.Pause
		if pause == 0 {
			pause = busy
		}
		return notices.Busy(p.Name, pause)
	case Config:
	}
	return notices.PeerRefused(p.Name, reason.Why, code)
}

// mostNamed is how many people a message to a group names.
const mostNamed = 20

// Names puts the people of a group behind one another, each in a peer's own way; "" leaves somebody out.
func Names(group []notices.Person, put func(notices.Person) string) string {
	var out []string
	for _, p := range group {
		if len(out) == mostNamed {
			out = append(out, "…")
			break
		}
		if name := put(p); name != "" {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}
