// Package calls makes the calls that flows ask for: HTTP to other systems, whose answers go back to whoever asks.
//
// A call carries the header Idempotency-Key, the same with every repetition and different for every other call. It may be
// repeated: whoever makes it may die before the answer is stored. When the block names a secret, the call is signed as the
// package signature says; when it names a token, that is sent as the bearer token. Any status from 200 to 299 is an answer.
package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Most is how many bytes of an answer are taken.
const Most = 256 << 10

// keyHeader is the header that tells a repetition.
const keyHeader = "Idempotency-Key"

// Faults of a call.
var (
	// ErrUnreached is a peer that could not be talked to; trying again may help.
	ErrUnreached = fault.Define(fault.Conflict, "call.unreached", "The call has not gone through: {why}", "调用未成功：{why}")
	// ErrRefused is an answer that trying again would not change.
	ErrRefused = fault.Define(fault.Invalid, "call.refused", "{host} refuses the call with HTTP {status}: {said}", "{host} 拒绝了调用（HTTP {status}）：{said}")
	// ErrTrouble is an answer of a peer that has trouble of its own.
	ErrTrouble = fault.Define(fault.Conflict, "call.trouble", "{host} answers with HTTP {status}: {said}", "{host} 返回 HTTP {status}：{said}")
	// ErrImpossible is a call that cannot be made at all.
	ErrImpossible = fault.Define(fault.Invalid, "call.impossible", "The call cannot be made: {why}", "无法发起调用：{why}")
)

// Secrets opens the secrets of an app.
type Secrets interface {
	Open(ctx context.Context, app, name string) (secret.Text, error)
}

// Caller makes calls. It is safe for concurrent use.
type Caller struct {
	http    *egress.Client
	secrets Secrets
	clock   clock.Clock
}

// New makes a caller.
func New(client *egress.Client, secrets Secrets, ck clock.Clock) *Caller {
	return &Caller{http: client, secrets: secrets, clock: ck}
}

// Call makes one call for an app under an idempotency key, and gives the reply to a 2xx answer. Busy peers are put off with
// queue.Later; what trying again cannot mend is a fault of kind Invalid or NotFound, anything else of kind Conflict.
func (c *Caller) Call(ctx context.Context, app, key string, call engine.Call) (engine.Reply, error) {
	to, err := egress.Address(call.URL)
	if err != nil {
		return engine.Reply{}, err
	}
	body, header, err := c.request(ctx, app, key, call)
	if err != nil {
		return engine.Reply{}, err
	}
	if err := queue.Fence(ctx); err != nil {
		return engine.Reply{}, err
	}
	got, err := c.http.Call(ctx, call.Method, to, body, header)
	if err != nil {
		return engine.Reply{}, unreached(ctx, err)
	}
	if err := c.judge(to, got); err != nil {
		return engine.Reply{}, err
	}
	return engine.Reply{Status: got.Status, Body: said(got.Body)}, nil
}

// request is what is sent. What the flow writes into headers never replaces what the product itself says.
func (c *Caller) request(ctx context.Context, app, key string, call engine.Call) ([]byte, http.Header, error) {
	header := http.Header{}
	for name, value := range call.Headers {
		header.Set(name, value)
	}
	var body []byte
	if call.Body != nil {
		var err error
		if body, err = json.Marshal(call.Body); err != nil {
			return nil, nil, ErrImpossible.Because(err, problem.Params{"why": err.Error()})
		}
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	header.Set("User-Agent", "Stepwell")
	header.Set(keyHeader, key)
	if call.Token != "" {
		token, err := c.secrets.Open(ctx, app, call.Token)
		if err != nil {
			return nil, nil, fmt.Errorf("token of a call: %w", err)
		}
		header.Set("Authorization", "Bearer "+token.Reveal())
	}
	if call.Secret != "" {
		shared, err := c.secrets.Open(ctx, app, call.Secret)
		if err != nil {
			return nil, nil, fmt.Errorf("secret of a call: %w", err)
		}
		signature.Put(header, shared.Reveal(), c.clock.Now(), body)
	}
	return body, header, nil
}

// unreached is a failure to talk to a peer. The peers of calls are many, so that one which is away is a failed attempt, not
// an outage that everybody waits for.
func unreached(ctx context.Context, err error) error {
	f, ok := fault.As(err)
	if !ok || ctx.Err() != nil && !fault.Has(err, egress.ErrSlow) {
		return err
	}
	code := ErrUnreached
	switch f.Code {
	case egress.ErrClosed, egress.ErrRedirect, egress.ErrLong, egress.ErrAddress:
		code = ErrImpossible
	}
	return code.Because(err, problem.Params{"why": problem.Text{"en": f.Message("en"), "zh-CN": f.Message("zh-CN")}})
}

// busyFor is how long a peer that is busy and names no time is left alone.
const busyFor = time.Minute

func (c *Caller) judge(to *url.URL, got *egress.Answer) error {
	params := problem.Params{"host": to.Host, "status": got.Status, "said": excerpt(got.Body)}
	switch {
	case got.Status >= 200 && got.Status < 300:
		return nil
	case got.Busy():
		return queue.Later(c.clock.Now().Add(got.Pause(c.clock.Now(), busyFor)), store.Update{})
	case got.Status >= 500, got.Status == http.StatusRequestTimeout, got.Status == http.StatusConflict, got.Status == http.StatusTooEarly:
		return ErrTrouble.With(params)
	}
	return ErrRefused.With(params)
}

// said is the JSON that was answered; what is none comes as text.
func said(body []byte) any {
	var value any
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return value
}

// excerpt is the beginning of an answer, on one line.
func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), 200)]), "")), " ")
	if text == "" {
		return "–"
	}
	return text
}
