// Package webhook delivers notices to somebody's program, signed so that it can tell them from anybody else's.
//
// A call is a POST of JSON (Payload) with
//
//	Idempotency-Key      the same with every repetition of a notice, and different for every other
//	Stepwell-Timestamp   as the package signature says
//	Stepwell-Signature   "v1=" and, in hex, the signature
//
// The receiver checks the signature as that package says, and within its window recognises a repetition by its
// Idempotency-Key. Any status from 200 to 299 takes the notice; 429, and 503 with Retry-After, ask for a
// pause; 400, 413 and 422 refuse this notice for good; anything else is tried again.
package webhook

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
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/queue"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

// KeyHeader is the header that tells a repetition.
const KeyHeader = "Idempotency-Key"

// Name is what people call the peer.
var Name = definition.Text{"zh-CN": "Webhook 接收方", "en": "The webhook's receiver"}

// perMinute is how many calls there are unless the definition says otherwise.
const perMinute = 60

// Throttle spreads calls over the minute; 0 is the default.
func Throttle(each int) throttle.Config {
	if each <= 0 {
		each = perMinute
	}
	return throttle.Config{Rates: []throttle.Rate{{Every: time.Minute / time.Duration(each), Burst: max(1, each/6)}}}
}

// Config says whom to call.
type Config struct {
	URL   string
	Sign  secret.Text
	HTTP  *egress.Client
	Clock clock.Clock
}

// Hook calls a program.
type Hook struct {
	config Config
	to     *url.URL
}

var _ notices.Channel = (*Hook)(nil)

// New checks the configuration; it does not connect.
func New(c Config) (*Hook, error) {
	to, err := egress.Address(c.URL)
	if err != nil {
		return nil, err
	}
	return &Hook{config: c, to: to}, nil
}

// Kind is the type of channel.
func (*Hook) Kind() string { return string(channel.Hook) }

// Payload is the body of a call.
type Payload struct {
	ID     string       `json:"id"` // as in the header Idempotency-Key
	At     store.Moment `json:"at"` // when it happened
	Cause  string       `json:"cause"`
	App    string       `json:"app,omitempty"`
	Form   string       `json:"form,omitempty"`
	Record string       `json:"record,omitempty"`
	Title  string       `json:"recordTitle,omitempty"`
	Text   Words        `json:"message"`
	Link   string       `json:"link,omitempty"`
	For    []Recipient  `json:"recipients"`
}

// Words are the message in the channel's language.
type Words struct {
	Language string `json:"language"`
	Title    string `json:"title"`
	Text     string `json:"text"`
}

// Recipient is somebody whom the notice is for.
type Recipient struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Send makes one call.
func (h *Hook) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	body, err := json.Marshal(payload(m))
	if err != nil {
		return notices.Receipt{}, queue.Permanent(fmt.Errorf("encode message: %w", err))
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"Stepwell"}, KeyHeader: {m.Key}}
	signature.Put(header, h.config.Sign.Reveal(), h.config.Clock.Now(), body)
	if err := queue.Fence(ctx); err != nil {
		return notices.Receipt{}, err
	}
	got, err := h.config.HTTP.Post(ctx, h.to, body, header)
	if err != nil {
		return notices.Receipt{}, err
	}
	return notices.Receipt{}, h.judge(got)
}

// mostPaused is how long a receiver that names no time is left alone.
const mostPaused = time.Minute

func (h *Hook) judge(got *egress.Answer) error {
	code := "HTTP " + strconv.Itoa(got.Status)
	switch {
	case got.Status >= 200 && got.Status < 300:
		return nil
	case got.Busy():
		return notices.Busy(Name, got.Pause(h.config.Clock.Now(), mostPaused))
	case got.Status == http.StatusBadRequest, got.Status == http.StatusRequestEntityTooLarge, got.Status == http.StatusUnprocessableEntity:
		return notices.Refused(Name, said(got), code)
	}
	return notices.PeerRefused(Name, said(got), code)
}

var silent = definition.Text{"zh-CN": "没有说明原因", "en": "it does not say why"}

// said is the beginning of what a receiver answered.
func said(got *egress.Answer) definition.Text {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(got.Body[:min(len(got.Body), 200)]), "")), " ")
	if text == "" {
		return silent
	}
	return definition.Text{"": text}
}

func payload(m notices.Message) Payload {
	p := Payload{
		ID: m.Key, At: store.MomentOf(m.At), Cause: m.About.Cause, App: m.About.App, Form: m.About.Form, Record: m.About.Record,
		Title: m.About.RecordTitle, Text: Words{m.Language, m.Title, m.Body()}, Link: m.Link, For: []Recipient{},
	}
	for _, person := range m.Group {
		p.For = append(p.For, Recipient{person.ID, person.Name})
	}
	return p
}

// Render shows the body of a call.
func Render(m notices.Message) notices.Rendered {
	body, err := json.MarshalIndent(payload(m), "", "  ")
	if err != nil { // strings and a moment
		body = []byte(err.Error())
	}
	return notices.Rendered{Format: "json", Title: m.Title, Body: string(body), Bytes: len(body)}
}
