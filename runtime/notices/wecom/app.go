// Package wecom delivers notices by WeCom (企业微信): as messages of an application to its members, and by a robot to a
// group.
package wecom

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

// The most that a message may hold, in bytes.
const (
	mostText     = 2048
	mostMarkdown = 4096
)

const ownBase = "https://qyapi.weixin.qq.com"

// Name is what people call the peer.
var Name = definition.Text{"zh-CN": "企业微信", "en": "WeCom"}

// Throttle keeps an application within what WeCom bears. More than 30 messages a minute or 1000 an hour to one member are
// dropped without a word, so they are never sent: in any minute there are at most 10 + 60 s ÷ 3 s, in any hour at most
// 100 + 3600 s ÷ 4 s. Full and half hours are when everybody sends.
func Throttle() throttle.Config {
	return throttle.Config{
		Rates:   []throttle.Rate{{Every: 100 * time.Millisecond, Burst: 20}},
		Member:  []throttle.Rate{{Every: 3 * time.Second, Burst: 10}, {Every: 4 * time.Second, Burst: 100}},
		OffHour: true,
	}
}

// Config says which application speaks.
type Config struct {
	CorpID  string
	AgentID int
	Secret  secret.Text
	Format  channel.Format // default text
	BaseURL string         // default WeCom's own
	HTTP    *egress.Client
	Clock   clock.Clock
}

// App sends messages of an application to members.
type App struct {
	config Config
	base   *url.URL
	peer   chat.Peer
	flight singleflight.Group

	mu    sync.Mutex
	token string
	until time.Time
}

var (
	_ notices.Channel = (*App)(nil)
	_ notices.Reacher = (*App)(nil)
)

// NewApp checks the configuration; it does not connect.
func NewApp(c Config) (*App, error) {
	base, err := chat.Base(c.BaseURL, ownBase)
	if err != nil {
		return nil, err
	}
	return &App{config: c, base: base, peer: chat.Peer{Name: Name, HTTP: c.HTTP, Clock: c.Clock, Codes: codes}}, nil
}

// Kind is the type of channel.
func (*App) Kind() string { return string(channel.WeComApp) }

var noID = definition.Text{"zh-CN": "没有填写企业微信账号", "en": "the WeCom user id is missing"}

// Reach needs a WeCom user id.
func (*App) Reach(p notices.Person) error {
	if p.WeCom == "" {
		return notices.Unknown(p, Name, noID)
	}
	return nil
}

type body struct {
	Content string `json:"content"`
}

type appMessage struct {
	ToUser    string `json:"touser"`
	MsgType   string `json:"msgtype"`
	AgentID   int    `json:"agentid"`
	Text      *body  `json:"text,omitempty"`
	Markdown  *body  `json:"markdown,omitempty"`
	Duplicate int    `json:"enable_duplicate_check"`   //nolint:tagliatelle // WeCom's spelling
	Interval  int    `json:"duplicate_check_interval"` //nolint:tagliatelle // WeCom's spelling
}

type answer struct {
	Code       int    `json:"errcode"`
	Text       string `json:"errmsg"`
	Invalid    string `json:"invaliduser"`
	Unlicensed string `json:"unlicenseduser"`
	MessageID  string `json:"msgid"`
	Token      string `json:"access_token"` //nolint:tagliatelle // WeCom's spelling
	ExpiresIn  int    `json:"expires_in"`   //nolint:tagliatelle // WeCom's spelling
}

// duplicates is for how long WeCom recognises a repetition: the most it offers, four hours. It does so by the request being
// the same to the byte, which the notice's mark in the link makes true of a repetition and of nothing else.
const duplicates = 4 * 60 * 60

// Send delivers one message to one member. An answer of success may still say that the member got nothing.
func (a *App) Send(ctx context.Context, m notices.Message) (notices.Receipt, error) {
	if err := a.Reach(m.To); err != nil {
		return notices.Receipt{}, err
	}
	out := appMessage{ToUser: m.To.WeCom, AgentID: a.config.AgentID, Duplicate: 1, Interval: duplicates}
	put := Render(m, a.config.Format)
	if put.Format == string(channel.Markdown) {
		out.MsgType, out.Markdown = "markdown", &body{put.Body}
	} else {
		out.MsgType, out.Text = "text", &body{put.Body}
	}
	got, err := a.call(ctx, out)
	if err != nil {
		return notices.Receipt{}, err
	}
	if err := a.peer.Judge(got.Code, got.Text, m.To); err != nil {
		return notices.Receipt{}, err
	}
	switch {
	case listed(got.Invalid, m.To.WeCom):
		return notices.Receipt{}, notices.Unknown(m.To, Name, unseen)
	case listed(got.Unlicensed, m.To.WeCom):
		return notices.Receipt{}, notices.Unknown(m.To, Name, unlicensed)
	}
	return notices.Receipt{MessageID: got.MessageID}, nil
}

var (
	unseen     = definition.Text{"zh-CN": "企业微信中没有这个账号，或应用对其不可见", "en": "WeCom has no such user id, or the application is not visible to it"}
	unlicensed = definition.Text{"zh-CN": "该账号没有企业微信接口许可", "en": "WeCom has no licence for this user id"}
)

// listed reports whether a list such as "a|b" holds a user id. WeCom writes it in small letters whatever the case.
func listed(list, user string) bool {
	for one := range strings.SplitSeq(list, "|") {
		if strings.EqualFold(one, user) {
			return true
		}
	}
	return false
}

// call posts a message with a token, and once more with another one when the token has expired meanwhile.
func (a *App) call(ctx context.Context, out appMessage) (answer, error) {
	stale := ""
	for {
		token, err := a.access(ctx, stale)
		if err != nil {
			return answer{}, err
		}
		var got answer
		to := chat.At(a.base, "/cgi-bin/message/send", url.Values{"access_token": {token}})
		if err := a.peer.Send(ctx, to, out, &got); err != nil {
			return answer{}, err
		}
		if !expired(got.Code) || stale != "" {
			return got, nil
		}
		stale = token
	}
}

// expired are the codes of a token that was good once: it ran out, or another process has fetched a newer one.
func expired(code int) bool { return code == 40014 || code == 42001 }

// access gives a token that is not the stale one. However many messages need one at a time, one is fetched.
func (a *App) access(ctx context.Context, stale string) (string, error) {
	if token, ok := a.cached(stale); ok {
		return token, nil
	}
	fetched := a.flight.DoChan("token", func() (any, error) {
		if token, ok := a.cached(stale); ok { // somebody was just done
			return token, nil
		}
		return a.fetch(context.WithoutCancel(ctx)) // the others must not lose it with this caller
	})
	select {
	case got := <-fetched:
		token, _ := got.Val.(string)
		return token, got.Err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (a *App) cached(stale string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.token, a.token != "" && a.token != stale && a.config.Clock.Now().Before(a.until)
}

// early is how long before its end a token is renewed.
const early = 5 * time.Minute

func (a *App) fetch(ctx context.Context) (string, error) {
	var got answer
	at := chat.At(a.base, "/cgi-bin/gettoken", url.Values{"corpid": {a.config.CorpID}, "corpsecret": {a.config.Secret.Reveal()}})
	if err := a.peer.Ask(ctx, at, &got); err != nil {
		return "", err
	}
	if err := a.peer.Judge(got.Code, got.Text, notices.Person{}); err != nil {
		return "", err
	}
	life := time.Duration(got.ExpiresIn) * time.Second
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token, a.until = got.Token, a.config.Clock.Now().Add(max(life-early, life/2))
	return got.Token, nil
}
