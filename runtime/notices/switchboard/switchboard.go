// Package switchboard makes the lines of notices of what apps define as channels, and knows how each kind of channel puts a
// message.
package switchboard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/stepwell/stepwell/internal/calendar"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config/secret"
	"github.com/stepwell/stepwell/internal/egress"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/chat"
	"github.com/stepwell/stepwell/runtime/notices/dingtalk"
	"github.com/stepwell/stepwell/runtime/notices/email"
	"github.com/stepwell/stepwell/runtime/notices/feishu"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
	"github.com/stepwell/stepwell/runtime/notices/webhook"
	"github.com/stepwell/stepwell/runtime/notices/wecom"
	"github.com/stepwell/stepwell/runtime/secrets"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

// App is what the switchboard needs to know of an installed app.
type App struct {
	Key       string
	Channels  []*channel.Channel
	Calendars *calendar.Set
}

// Board makes lines. It is safe for concurrent use.
type Board struct {
	Secrets *secrets.Safe
	HTTP    *egress.Client
	Policy  egress.Policy // of mail servers that apps name
	Clock   clock.Clock
	// Mail is the mail server of the server's configuration; nil: there is none.
	Mail notices.Channel
	Lang string // the installation's language
}

func text(zh, en string) definition.Text { return definition.Text{"zh-CN": zh, "en": en} }

var (
	mailTitle = text("邮件（服务器配置）", "E-mail (server configuration)")
	noMail    = text("服务器没有配置邮件服务器（STEPWELL_SMTP_HOST）", "no mail server is configured (STEPWELL_SMTP_HOST)")
	noSetting = text("尚未填写设置", "it has not been set up")
)

// shared is the line of the mail server in the server's configuration.
func (b *Board) shared() notices.Line {
	l := notices.Line{ID: notices.Email, Key: notices.Email, Type: string(channel.Mail), Title: mailTitle, Version: "server", Channel: b.Mail, Workers: 1}
	if b.Mail == nil {
		l.Why = noMail
	}
	return l
}

// Lines are the ways out of all apps: the server's own first, then those of each app. A failure of the store is an error;
// a definition that cannot be used is a line that says why.
func (b *Board) Lines(ctx context.Context, apps []App) ([]notices.Line, error) {
	lines := []notices.Line{b.shared()}
	for _, app := range apps {
		for _, def := range app.Channels {
			if def.Type == channel.InApp || def.Type == channel.Mail && def.Email == nil && def.Key == notices.Email {
				continue // the inbox, or the line of the server
			}
			line, err := b.line(ctx, app.Key, def)
			if err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func (b *Board) line(ctx context.Context, app string, def *channel.Channel) (notices.Line, error) {
	l := notices.Line{
		ID: app + "." + def.Key, App: app, Key: def.Key, Type: string(def.Type), Title: def.Title, Group: def.Type.Group(), Language: def.Language,
	}
	if l.Language == "" {
		l.Language = b.Lang
	}
	// What a group reads together, and the mails about one record, should come in order. And a server that is killed has then
	// one mail at most that was taken and not written down, and is sent once more under its Message-ID.
	if l.Group || def.Type == channel.Mail {
		l.Workers = 1
	}
	version, err := b.version(ctx, app, def)
	if err != nil {
		return l, err
	}
	l.Version = version
	if !def.SetUp() {
		l.Why = noSetting
		return l, nil
	}
	l.Channel, l.Throttle, err = b.open(ctx, app, def)
	if fault.KindOf(err) == fault.Unavailable && err != nil {
		return l, err
	}
	if err != nil {
		l.Channel, l.Why = nil, notices.Words(err)
	}
	return l, nil
}

// version changes with the definition and with every secret it names.
func (b *Board) version(ctx context.Context, app string, def *channel.Channel) (string, error) {
	encoded, err := json.Marshal(def)
	if err != nil {
		return "", fmt.Errorf("encode channel %s: %w", def.Key, err)
	}
	sum := sha256.New()
	sum.Write(encoded)
	for _, name := range def.Secrets() {
		version, err := b.Secrets.Version(ctx, app, name)
		if err != nil {
			return "", err
		}
		sum.Write([]byte(name + "=" + version + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// open makes the channel of a definition that has its settings.
func (b *Board) open(ctx context.Context, app string, def *channel.Channel) (notices.Channel, throttle.Config, error) {
	opened := map[string]secret.Text{}
	for _, name := range def.Secrets() {
		value, err := b.Secrets.Open(ctx, app, name)
		if err != nil {
			return nil, throttle.Config{}, err
		}
		opened[name] = value
	}
	switch def.Type {
	case channel.Mail:
		return b.mail(def.Email, opened)
	case channel.WeComApp:
		c := def.WeCom
		ch, err := wecom.NewApp(wecom.Config{
			CorpID: c.CorpID, AgentID: c.AgentID, Secret: opened[c.AppSecret], Format: c.Format, BaseURL: c.BaseURL, HTTP: b.HTTP, Clock: b.Clock,
		})
		return ch, wecom.Throttle(), err
	case channel.WeComGroup:
		c := def.WeComRobot
		ch, err := wecom.NewRobot(wecom.RobotConfig{Key: opened[c.KeySecret], Format: c.Format, BaseURL: c.BaseURL, HTTP: b.HTTP, Clock: b.Clock})
		return ch, wecom.RobotThrottle(), err
	case channel.DingTalkGroup:
		c := def.DingTalkRobot
		ch, err := dingtalk.New(chat.RobotConfig{Key: opened[c.TokenSecret], Sign: opened[c.SignSecret], BaseURL: c.BaseURL, HTTP: b.HTTP, Clock: b.Clock})
		return ch, dingtalk.Throttle(), err
	case channel.FeishuGroup:
		c := def.FeishuRobot
		ch, err := feishu.New(chat.RobotConfig{Key: opened[c.HookSecret], Sign: opened[c.SignSecret], BaseURL: c.BaseURL, HTTP: b.HTTP, Clock: b.Clock})
		return ch, feishu.Throttle(), err
	case channel.Hook:
		c := def.Webhook
		ch, err := webhook.New(webhook.Config{URL: c.URL, Sign: opened[c.SignSecret], HTTP: b.HTTP, Clock: b.Clock})
		return ch, webhook.Throttle(c.PerMinute), err
	case channel.InApp:
	}
	return nil, throttle.Config{}, errType.With(nil)
}

var errType = fault.Define(fault.Invalid, "switchboard.type", "This server does not know this type of channel.", "本服务器不支持这种渠道类型。")

// The usual ports of mail servers.
const (
	submission  = 587
	submissions = 465
)

func (b *Board) mail(c *channel.Email, opened map[string]secret.Text) (notices.Channel, throttle.Config, error) {
	if c == nil {
		if b.Mail == nil {
			return nil, throttle.Config{}, errNoMail.With(nil)
		}
		return b.Mail, throttle.Config{}, nil
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, throttle.Config{}, errSender.With(map[string]any{"from": c.From})
	}
	config := email.Config{
		Host: c.Host, Port: c.Port, Username: c.Username, Password: opened[c.PasswordSecret].Reveal(), Mode: email.STARTTLS, From: *from, Policy: &b.Policy,
	}
	switch c.Security {
	case channel.TLS:
		config.Mode = email.TLS
	case channel.Insecure:
		config.Mode = email.None
	case channel.StartTLS:
	}
	if config.Port == 0 {
		config.Port = submission
		if config.Mode == email.TLS {
			config.Port = submissions
		}
	}
	if c.ReplyTo != "" {
		if config.ReplyTo, err = netmail.ParseAddress(c.ReplyTo); err != nil {
			return nil, throttle.Config{}, errSender.With(map[string]any{"from": c.ReplyTo})
		}
	}
	limit := throttle.Config{}
	if c.PerMinute > 0 {
		limit.Rates = []throttle.Rate{{Every: time.Minute / time.Duration(c.PerMinute), Burst: max(1, c.PerMinute/6)}}
	}
	ch, err := email.New(config)
	return ch, limit, err
}

var (
	errNoMail = fault.Define(fault.Invalid, "switchboard.noMail", "No mail server is configured (STEPWELL_SMTP_HOST).", "服务器没有配置邮件服务器（STEPWELL_SMTP_HOST）。")
	errSender = fault.Define(fault.Invalid, "switchboard.sender", "“{from}” is not a mail address.", "“{from}”不是有效的邮箱地址。")
)

// Find is the definition that an app has of a channel; nil when it has none.
func (a App) Find(key string) *channel.Channel {
	for _, def := range a.Channels {
		if def.Key == key {
			return def
		}
	}
	return nil
}

// PolicyOf is how an app wants a channel to be used. zone is the installation's.
func (a App) PolicyOf(key string, zone *time.Location) notices.Policy {
	p := notices.Policy{Calendar: a.Calendars.DefaultIn(zone)}
	def := a.Find(key)
	if def == nil {
		return p
	}
	p.Urgent = def.Urgent
	if named, ok := a.Calendars.Calendar(def.Calendar); ok {
		p.Calendar = named
	}
	return p
}

// Render puts a message as a channel of a definition does; nil is mail.
func Render(def *channel.Channel, m notices.Message) notices.Rendered {
	if def == nil {
		return email.Render(m)
	}
	switch def.Type {
	case channel.WeComApp:
		format := channel.Text
		if def.WeCom != nil && def.WeCom.Format != "" {
			format = def.WeCom.Format
		}
		return wecom.Render(m, format)
	case channel.WeComGroup:
		format := channel.Markdown
		if def.WeComRobot != nil && def.WeComRobot.Format != "" {
			format = def.WeComRobot.Format
		}
		return wecom.RenderRobot(m, format)
	case channel.DingTalkGroup:
		return dingtalk.Render(m)
	case channel.FeishuGroup:
		return feishu.Render(m)
	case channel.Hook:
		return webhook.Render(m)
	case channel.InApp:
		return notices.Rendered{Format: "text", Title: m.Title, Body: m.Body(), Bytes: len(m.Body())}
	case channel.Mail:
	}
	return email.Render(m)
}
